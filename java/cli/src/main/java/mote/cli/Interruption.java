package mote.cli;

import java.io.PrintWriter;
import org.jline.utils.Signals;

/**
 * Turns the first Ctrl-C (or SIGTERM) into a request to stop and keep what was done; a second one
 * ends the JVM at once. Until {@link #close} the JVM does not end by itself.
 */
public final class Interruption implements AutoCloseable {
  private static final String[] SIGNALS = {"INT", "TERM"};

  private final Object[] before = new Object[SIGNALS.length];
  private volatile boolean requested;

  /**
   * @param keeps what is being done about it, said on {@code err}
   */
  public Interruption(PrintWriter err, String keeps) {
    for (int i = 0; i < SIGNALS.length; i++) {
      before[i] =
          Signals.register(
              SIGNALS[i],
              () -> {
                if (requested) {
                  Runtime.getRuntime().halt(Main.INTERRUPTED);
                }
                requested = true;
                err.println();
                err.println("mote: interrupted: " + keeps + "; once more ends at once");
              });
    }
  }

  /** Whether to stop. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    for (int i = 0; i < SIGNALS.length; i++) {
      Signals.unregister(SIGNALS[i], before[i]);
    }
  }
}
