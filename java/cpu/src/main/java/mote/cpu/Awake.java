package mote.cpu;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import mote.engine.MoteException;
import mote.engine.OpenResources;

/**
 * Keeps the processors from falling asleep between two frames, as long as it is open. One that
 * sleeps for most of a frame's time may have lost its caches and be late to wake; what it costs is
 * the difference between {@code mote bench live} with and without {@code --awake}.
 *
 * <p>A thread of idle priority on each processor that this process may run on, however many the
 * engine uses, does nothing. Work of the same session or control group takes the processor from it
 * at once; against that of others it counts as ordinary load. The price is power, and on processors
 * shared with others what they would get of them. The threads are those of a program of its own
 * ({@code native/awake/main.cpp}), which ends with this process, whatever ends it; where all
 * processors are busy that may take seconds, which nobody waits for.
 *
 * <p>Any thread may use it.
 */
public final class Awake implements AutoCloseable {
  static final String PROGRAM = "mote-awake";

  private final Process program;
  private final int processors;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Awake(Process program, int processors) {
    this.program = program;
    this.processors = processors;
    OpenResources.opened("Awake");
  }

  /**
   * Starts the threads.
   *
   * @throws MoteException if there is no CPU engine, which the program comes with, a control group
   *     has a quota, which the threads would use up, or the system refuses
   */
  public static Awake open() {
    String refusal = unavailable();
    if (refusal != null) {
      throw new MoteException(refusal);
    }
    try {
      return start(NativeLibrary.outcome().library().resolveSibling(PROGRAM).toAbsolutePath());
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /**
   * Why it cannot be opened here, or null.
   *
   * @throws MoteException if that cannot be found out
   */
  public static String unavailable() {
    try {
      return refusal(NativeLibrary.outcome().refusal(), ProcessorQuota.find());
    } catch (IOException failure) {
      throw failed(failure);
    }
  }

  /** What {@link #unavailable} says; both null: nothing. */
  static String refusal(String engine, ProcessorQuota quota) {
    if (engine != null) {
      return "processors cannot be kept awake without the CPU engine: cause=\"%s\"; do without"
          .formatted(engine);
    }
    return quota == null
        ? null
        : String.format(
            Locale.ROOT,
            "processors kept awake would use up the quota: processors=%.2f, file=%s; do without, or lift it",
            quota.processors(),
            quota.file());
  }

  private static MoteException failed(IOException failure) {
    return new MoteException(
        "processors cannot be kept awake: cause=%s; do without".formatted(failure));
  }

  /**
   * Of some processors.
   *
   * @param processors their numbers; none: all that this process may run on
   */
  static Awake start(Path file, String... processors) throws IOException {
    String[] command = new String[1 + processors.length];
    command[0] = file.toString();
    System.arraycopy(processors, 0, command, 1, processors.length);
    Process program =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try {
      BufferedReader said = program.inputReader();
      String line = said.readLine();
      if (line != null && line.matches("\\d+")) {
        return new Awake(program, Integer.parseInt(line));
      }
      throw new MoteException(
          "processors cannot be kept awake: %s; do without"
              .formatted(line == null ? "program=" + file : line));
    } catch (IOException | RuntimeException failure) {
      program.getOutputStream().close();
      throw failure;
    }
  }

  /** Processors that are kept awake. */
  public int processors() {
    if (closed.get()) {
      throw new IllegalStateException(
          "Awake is closed: processors=" + processors + "; open a new one");
    }
    return processors;
  }

  /** The program's. */
  long process() {
    return program.pid();
  }

  /** Tells the program to end, and does not wait for it; a second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      OpenResources.closed("Awake");
      try {
        program.getOutputStream().close();
      } catch (IOException gone) { // it has ended already
        program.destroy();
      }
    }
  }
}
