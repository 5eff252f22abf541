package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import mote.cpu.ffi.mote_h;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.junit.jupiter.api.Test;

/** Processors are kept awake by threads that do not compete, and only while asked to. */
final class AwakeTest {
  /** What Linux calls SCHED_IDLE. */
  private static final String IDLE_PRIORITY = "5";

  /** SIGINT and SIGTERM in a mask of signals. */
  private static final long ENDING = 1L << 1 | 1L << 14;

  private static Awake open() throws IOException {
    String refusal = NativeLibrary.outcome().refusal();
    assumeTrue(refusal == null, refusal);
    assumeTrue(ProcessorQuota.find() == null, "a control group has a quota");
    return Awake.open();
  }

  @Test
  void aThreadOfIdlePriorityIsBoundToEveryProcessorUntilClosed() throws Exception {
    Awake awake = open();
    try (awake) {
      assertEquals(1, OpenResources.open().get("Awake"));
      List<Map<String, String>> tasks = tasks(awake.processors());
      TreeSet<String> processors = new TreeSet<>();
      for (Map<String, String> task : tasks) {
        assertEquals(IDLE_PRIORITY, task.get("policy"));
        assertEquals(ENDING, Long.parseUnsignedLong(task.get("SigBlk"), 16) & ENDING);
        assertTrue(task.get("Cpus_allowed_list").matches("\\d+"), task.toString());
        processors.add(task.get("Cpus_allowed_list"));
      }
      assertEquals(awake.processors(), processors.size());
      assertTrue(awake.processors() >= 1);
    }
    awake.close();
    assertFalse(OpenResources.open().containsKey("Awake"));
    tasks(0);
    String closed = assertThrows(IllegalStateException.class, awake::processors).getMessage();
    assertTrue(closed.matches("Awake is closed: processors=\\d+; open a new one"), closed);
  }

  @Test
  void twoAreClosedApart() throws Exception {
    try (Awake first = open()) {
      Awake second = Awake.open();
      tasks(2 * first.processors());
      second.close();
      tasks(first.processors());
    }
    tasks(0);
  }

  @Test
  void whatWouldUseUpAQuotaIsRefused() {
    Awake.requireNoQuota(null);
    MoteException refused =
        assertThrows(
            MoteException.class,
            () -> Awake.requireNoQuota(new ProcessorQuota(1.5, Path.of("/g/cpu.max"))));
    assertEquals(
        "processors kept awake would use up the quota: processors=1.50, file=/g/cpu.max; do without, or lift it",
        refused.getMessage());
  }

  @Test
  void withoutTheLibraryItIsRefused() {
    Awake.requireLibrary(null);
    assertEquals(
        "processors cannot be kept awake without the CPU engine: cause=\"not built\"; do without",
        assertThrows(MoteException.class, () -> Awake.requireLibrary("not built")).getMessage());
  }

  @Test
  void nullPointersStartNothing() throws Exception {
    String refusal = NativeLibrary.outcome().refusal();
    assumeTrue(refusal == null, refusal);
    mote_h functions = NativeLibrary.outcome().functions();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8);
      refused("processors", functions, functions.mote_awake_open(out, MemorySegment.NULL));
      refused("out", functions, functions.mote_awake_open(MemorySegment.NULL, out));
      assertEquals(mote_h.MOTE_OK, functions.mote_awake_close(MemorySegment.NULL));
    }
    tasks(0);
  }

  private static void refused(String argument, mote_h functions, int status) {
    assertEquals(mote_h.MOTE_INVALID_ARGUMENT, status);
    assertEquals(
        "pointer is null: argument=" + argument + "; give memory",
        assertThrows(MoteException.class, () -> CpuBackend.check(functions, status)).getMessage());
  }

  /** The threads, once there are so many: they are named, and end, a moment later. */
  private static List<Map<String, String>> tasks(int expected)
      throws IOException, InterruptedException {
    List<Map<String, String>> tasks = read();
    for (int i = 0; i < 1000 && tasks.size() != expected; i++) {
      Thread.sleep(10);
      tasks = read();
    }
    assertEquals(expected, tasks.size());
    return tasks;
  }

  private static List<Map<String, String>> read() throws IOException {
    List<Map<String, String>> tasks = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path folder : folders) {
        try {
          Map<String, String> task = new HashMap<>();
          for (String line : Files.readAllLines(folder.resolve("status"))) {
            String[] field = line.split(":\\s*", 2);
            task.put(field[0], field[1]);
          }
          String line = Files.readString(folder.resolve("stat"));
          // proc_pid_stat(5) counts from 1 and has two fields before these
          task.put("policy", line.substring(line.lastIndexOf(')') + 2).split(" ")[38]);
          if (task.get("Name").equals("mote-awake")) {
            tasks.add(task);
          }
        } catch (IOException ended) { // between being listed and being read
          continue;
        }
      }
    }
    return tasks;
  }
}
