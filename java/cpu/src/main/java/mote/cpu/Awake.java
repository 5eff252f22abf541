package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.cpu.ffi.mote_h;
import mote.engine.MoteException;

/**
 * Keeps the processors from falling asleep between two frames, as long as it is open. One that
 * sleeps for most of a frame's time gives up its caches and is late to wake: the small model's
 * encoder then takes about twice as long ({@code mote bench live --awake} measures it). A thread of
 * idle priority on each processor that this process may run on does nothing, and gives way at once
 * to whatever has work. The price is power, and on shared processors what others would get of them.
 */
public final class Awake implements AutoCloseable {
  private final mote_h functions;
  private final MemorySegment handle;
  private final int processors;
  private boolean closed;

  private Awake(mote_h functions, MemorySegment handle, int processors) {
    this.functions = functions;
    this.handle = handle;
    this.processors = processors;
  }

  /**
   * Starts the threads.
   *
   * @throws MoteException if the CPU engine, whose library has them, cannot be used here, the
   *     system refuses, or a quota allows fewer processors than this process may run on: the
   *     threads would use it up
   */
  public static Awake open() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    if (library.refusal() != null) {
      throw new MoteException(library.refusal());
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment processors = arena.allocate(ValueLayout.JAVA_INT);
      mote_h functions = library.functions();
      CpuBackend.check(functions, functions.mote_awake_open(out, processors));
      Awake awake =
          new Awake(
              functions, out.get(ValueLayout.ADDRESS, 0), processors.get(ValueLayout.JAVA_INT, 0));
      try {
        requireNoQuota(Runtime.getRuntime().availableProcessors(), awake.processors);
        return awake;
      } catch (MoteException refused) {
        awake.close();
        throw refused;
      }
    }
  }

  /** The JVM counts what a quota allows, rounded up; the threads are on all that are there. */
  static void requireNoQuota(int allowed, int processors) {
    if (allowed < processors) {
      throw new MoteException(
          "processors kept awake would use up the quota: quota=%d, processors=%d; do without, or lift it"
              .formatted(allowed, processors));
    }
  }

  /** Processors that are kept awake. */
  public int processors() {
    return processors;
  }

  /** Ends the threads; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      CpuBackend.check(functions, functions.mote_awake_close(handle));
    }
  }
}
