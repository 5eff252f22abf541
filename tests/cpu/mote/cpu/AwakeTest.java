package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mote.cpu.ffi.mote_h;
import mote.engine.MoteException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processors are kept awake by threads that never compete, and only while asked to. */
final class AwakeTest {
  /** What Linux calls SCHED_IDLE. */
  private static final int IDLE_PRIORITY = 5;

  /** A thread as /proc has it. */
  private record Task(int processor, int policy) {}

  @BeforeEach
  void skipWithoutEngine() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    assumeTrue(library.refusal() == null, library.refusal());
  }

  @Test
  void aThreadOfIdlePriorityIsOnEveryProcessorUntilClosed() throws Exception {
    assertEquals(0, tasks(0).size());
    Awake awake = Awake.open();
    try (awake) {
      List<Task> tasks = tasks(awake.processors());
      Set<Integer> processors = new HashSet<>();
      for (Task task : tasks) {
        assertEquals(IDLE_PRIORITY, task.policy());
        processors.add(task.processor());
      }
      assertEquals(awake.processors(), tasks.size());
      assertEquals(awake.processors(), processors.size());
      assertTrue(awake.processors() >= 1);
    }
    awake.close();
    assertEquals(0, tasks(0).size());
  }

  @Test
  void twoAreClosedApart() throws Exception {
    try (Awake first = Awake.open()) {
      Awake second = Awake.open();
      second.close();
      assertEquals(first.processors(), tasks(first.processors()).size());
    }
    assertEquals(0, tasks(0).size());
  }

  @Test
  void aQuotaIsNotUsedUp() {
    Awake.requireNoQuota(2, 2);
    Awake.requireNoQuota(3, 2);
    MoteException refused = assertThrows(MoteException.class, () -> Awake.requireNoQuota(1, 2));
    assertEquals(
        "processors kept awake would use up the quota: quota=1, processors=2; do without, or lift it",
        refused.getMessage());
  }

  @Test
  void withoutMemoryForTheHandleNothingStarts() throws Exception {
    mote_h functions = NativeLibrary.outcome().functions();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(8);
      assertEquals(
          mote_h.MOTE_INVALID_ARGUMENT, functions.mote_awake_open(out, MemorySegment.NULL));
      assertEquals(
          mote_h.MOTE_INVALID_ARGUMENT, functions.mote_awake_open(MemorySegment.NULL, out));
      assertEquals(mote_h.MOTE_OK, functions.mote_awake_close(MemorySegment.NULL));
    }
    assertEquals(0, tasks(0).size());
  }

  /** The threads, once there are so many: the system lists and moves them a little later. */
  private static List<Task> tasks(int expected) throws IOException, InterruptedException {
    List<Task> tasks = read();
    for (int i = 0; i < 200 && !settled(tasks, expected); i++) {
      Thread.sleep(10);
      tasks = read();
    }
    return tasks;
  }

  private static boolean settled(List<Task> tasks, int expected) {
    return tasks.size() == expected
        && tasks.stream().map(Task::processor).distinct().count() == expected;
  }

  private static List<Task> read() throws IOException {
    List<Task> tasks = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path folder : folders) {
        String line;
        try {
          line = Files.readString(folder.resolve("stat"));
        } catch (NoSuchFileException ended) {
          continue;
        }
        if (line.contains("(mote-awake)")) {
          String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ");
          // proc_pid_stat(5) counts from 1 and has two fields before these
          tasks.add(new Task(Integer.parseInt(fields[36]), Integer.parseInt(fields[38])));
        }
      }
    }
    return tasks;
  }
}
