package mote.cpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import mote.cpu.ffi.mote_h;
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
 * shared with others what they would get of them.
 *
 * <p>Any thread may use it.
 */
public final class Awake implements AutoCloseable {
  private final mote_h functions;
  private final MemorySegment handle;
  private final int processors;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Awake(mote_h functions, MemorySegment handle, int processors) {
    this.functions = functions;
    this.handle = handle;
    this.processors = processors;
    OpenResources.opened("Awake");
  }

  /**
   * Starts the threads.
   *
   * @throws MoteException if the CPU engine, whose library has them, cannot be used here, a control
   *     group has a quota, which the threads would use up, or the system refuses
   */
  public static Awake open() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    requireLibrary(library.refusal());
    try {
      requireNoQuota(ProcessorQuota.find());
    } catch (IOException | RuntimeException unreadable) {
      if (unreadable instanceof MoteException refused) {
        throw refused;
      }
      throw new MoteException(
          "processor quota cannot be read: cause=%s; do not keep the processors awake"
              .formatted(unreadable));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      MemorySegment processors = arena.allocate(ValueLayout.JAVA_INT);
      mote_h functions = library.functions();
      CpuBackend.check(functions, functions.mote_awake_open(out, processors));
      return new Awake(
          functions, out.get(ValueLayout.ADDRESS, 0), processors.get(ValueLayout.JAVA_INT, 0));
    }
  }

  static void requireLibrary(String refusal) {
    if (refusal != null) {
      throw new MoteException(
          "processors cannot be kept awake without the CPU engine: cause=\"%s\"; do without"
              .formatted(refusal));
    }
  }

  static void requireNoQuota(ProcessorQuota quota) {
    if (quota != null) {
      throw new MoteException(
          String.format(
              Locale.ROOT,
              "processors kept awake would use up the quota: processors=%.2f, file=%s; do without, or lift it",
              quota.processors(),
              quota.file()));
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

  /** Tells the threads to end, and does not wait for them; a second call does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      OpenResources.closed("Awake");
      CpuBackend.check(functions, functions.mote_awake_close(handle));
    }
  }
}
