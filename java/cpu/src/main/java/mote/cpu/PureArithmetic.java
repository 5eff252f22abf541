package mote.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import mote.cpu.ffi.mote_h;
import mote.engine.MoteException;

/**
 * Work of a given length that needs nothing but the processors: multiply-adds in registers on as
 * many threads as the CPU engine has, in one parallel region, without memory and without anything
 * to wait for. What a machine does to the times of this, it does to those of any work. Used by the
 * thread that opened it.
 */
public final class PureArithmetic implements AutoCloseable {
  /** Nanoseconds; what is shorter is hardly more than the start of the threads. */
  public static final long SHORTEST = 10_000;

  private static final int TRIALS = 15;
  private static final int ROUNDS = 3;
  private static final long FIRST_STEPS = 1 << 10;
  private static final long MOST_STEPS = 1L << 38;

  private final mote_h functions;
  private final int asked = Configuration.threads(System.getProperty("mote.cpu.threads"));
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment done = arena.allocate(ValueLayout.JAVA_LONG);
  private long steps = FIRST_STEPS;
  private int threads;

  private PureArithmetic(mote_h functions) {
    this.functions = functions;
  }

  /**
   * Finds out how much arithmetic takes that long: half of the runs, one after the other, do not.
   *
   * @param nanos {@link #SHORTEST} to a minute
   * @throws MoteException if the length is out of range, or the CPU engine cannot be used here
   */
  public static PureArithmetic lasting(long nanos) {
    if (nanos < SHORTEST || nanos > 60_000_000_000L) {
      throw new MoteException(
          "length of the work is out of range: nanos=" + nanos + "; give 10000 to 60000000000");
    }
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    if (library.refusal() != null) {
      throw new MoteException(library.refusal());
    }
    PureArithmetic work = new PureArithmetic(library.functions());
    try {
      work.calibrate(nanos);
      return work;
    } catch (RuntimeException failure) {
      work.close();
      throw failure;
    }
  }

  private void calibrate(long nanos) {
    while (median(1) < nanos / 2 && steps < MOST_STEPS) {
      steps *= 2;
    }
    for (int round = 0; round < ROUNDS; round++) {
      double scale = (double) nanos / median(TRIALS);
      steps = Math.clamp(Math.round(steps * scale), 1, MOST_STEPS);
    }
  }

  private long median(int trials) {
    long[] nanos = new long[trials];
    for (int trial = 0; trial < trials; trial++) {
      long began = System.nanoTime();
      run();
      nanos[trial] = Math.max(1, System.nanoTime() - began);
    }
    Arrays.sort(nanos);
    return nanos[trials / 2];
  }

  /**
   * Does the work once.
   *
   * @throws MoteException if not all of it was done
   */
  public void run() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException("PureArithmetic is closed: steps=" + steps + "; open anew");
    }
    CpuBackend.check(functions, functions.mote_multiply_adds(asked, steps, done));
    long all = done.get(ValueLayout.JAVA_LONG, 0);
    if (threads == 0) {
      threads = (int) (all / steps);
    }
    if (all <= 0 || all != threads * steps) {
      throw new MoteException(
          "arithmetic was not done: steps=%d, threads=%d, done=%d; report this"
              .formatted(steps, threads, all));
    }
  }

  /** Threads that share the work. */
  public int threads() {
    return threads;
  }

  /** Steps of each of them. */
  long steps() {
    return steps;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
