package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.junit.jupiter.api.Test;

/** Processors are kept awake by threads that do not compete, and only while asked to. */
final class AwakeTest {
  /** What Linux calls SCHED_IDLE. */
  private static final String IDLE_PRIORITY = "5";

  private static Awake open() {
    String refusal = Awake.unavailable();
    assumeTrue(refusal == null, refusal);
    return Awake.open();
  }

  @Test
  void aThreadOfIdlePriorityIsBoundToEveryProcessorUntilClosed() throws Exception {
    Awake awake = open();
    try (awake) {
      assertEquals(1, OpenResources.open().get("Awake"));
      TreeSet<String> processors = new TreeSet<>();
      for (Map<String, String> task : idleThreads(awake.process())) {
        assertTrue(task.get("Cpus_allowed_list").matches("\\d+"), task.toString());
        processors.add(task.get("Cpus_allowed_list"));
      }
      assertEquals(awake.processors(), processors.size());
      assertTrue(awake.processors() >= 1);
    }
    awake.close();
    assertFalse(OpenResources.open().containsKey("Awake"));
    ends(awake.process());
    String closed = assertThrows(IllegalStateException.class, awake::processors).getMessage();
    assertTrue(closed.matches("Awake is closed: processors=\\d+; open a new one"), closed);
  }

  /** A killed program's pipes end as closed ones do; Ctrl-C in a terminal reaches both. */
  @Test
  void interruptsAreForTheParent() throws Exception {
    try (Awake awake = open()) {
      new ProcessBuilder("kill", "-INT", Long.toString(awake.process())).start().waitFor();
      Thread.sleep(50);
      assertEquals(awake.processors(), idleThreads(awake.process()).size());
    }
  }

  @Test
  void whatWouldUseUpAQuotaIsRefused() {
    assertNull(Awake.refusal(null, null));
    assertEquals(
        "processors kept awake would use up the quota: processors=1.50, file=/g/cpu.max; do without, or lift it",
        Awake.refusal(null, new ProcessorQuota(1.5, Path.of("/g/cpu.max"))));
  }

  @Test
  void withoutTheLibraryItIsRefused() {
    assertEquals(
        "processors cannot be kept awake without the CPU engine: cause=\"not built\"; do without",
        Awake.refusal("not built", null));
  }

  @Test
  void allOrNone() throws Exception {
    open().close();
    Path program = NativeLibrary.outcome().library().resolveSibling(Awake.PROGRAM);
    assertEquals(
        "processors cannot be kept awake: processor=1023, step=thread, cause=Invalid argument; do without",
        assertThrows(MoteException.class, () -> Awake.start(program, "0", "1023")).getMessage());
    assertEquals(
        "processors cannot be kept awake: processor=-1, step=arguments, cause=Invalid argument; do without",
        assertThrows(MoteException.class, () -> Awake.start(program, "first")).getMessage());
    assertThrows(IOException.class, () -> Awake.start(Path.of("/no/such/program")));
    assertFalse(OpenResources.open().containsKey("Awake"));
  }

  private static void ends(long process) throws InterruptedException {
    for (int i = 0; i < 1000 && ProcessHandle.of(process).isPresent(); i++) {
      Thread.sleep(10);
    }
    assertFalse(ProcessHandle.of(process).isPresent(), "the program goes on");
  }

  /** Its threads of idle priority, as /proc has them. */
  private static List<Map<String, String>> idleThreads(long process) throws IOException {
    List<Map<String, String>> tasks = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(Path.of("/proc/" + process + "/task"))) {
      for (Path folder : folders) {
        Map<String, String> task = new HashMap<>();
        for (String line : Files.readAllLines(folder.resolve("status"))) {
          String[] field = line.split(":\\s*", 2);
          task.put(field[0], field[1]);
        }
        String line = Files.readString(folder.resolve("stat"));
        // proc_pid_stat(5) counts from 1 and has two fields before these
        if (line.substring(line.lastIndexOf(')') + 2).split(" ")[38].equals(IDLE_PRIORITY)) {
          tasks.add(task);
        }
      }
    }
    return tasks;
  }
}
