package mote.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jline.utils.Signals;

/**
 * Turns the first Ctrl-C (SIGTERM, or SIGHUP when the terminal goes, but under nohup) into a
 * request to stop and keep what was done; a second one ends the JVM at once. Until {@link #close}
 * the JVM does not end by itself.
 */
public final class Interruption implements AutoCloseable {
  /** One Ctrl-C may come twice: to the process, and to its group (as timeout sends it). */
  private static final long ONCE = TimeUnit.MILLISECONDS.toNanos(500);

  private final List<String> signals =
      isHangUpIgnored() ? List.of("INT", "TERM") : List.of("INT", "TERM", "HUP");
  private final Object[] before = new Object[signals.size()];
  private volatile boolean requested;
  private long first;

  /**
   * @param keeps what is being done about it, said on {@code err}
   */
  public Interruption(PrintWriter err, String keeps) {
    for (int i = 0; i < signals.size(); i++) {
      before[i] = Signals.register(signals.get(i), () -> stop(err, keeps));
    }
  }

  private synchronized void stop(PrintWriter err, String keeps) {
    if (requested) {
      if (System.nanoTime() - first > ONCE) {
        Runtime.getRuntime().halt(Main.INTERRUPTED);
      }
      return;
    }
    first = System.nanoTime();
    requested = true;
    err.println();
    err.println("mote: interrupted: " + keeps + "; once more ends at once");
  }

  /** Whether this was started under nohup: a handler would undo that. */
  private static boolean isHangUpIgnored() {
    try {
      String ignored = ProcessStatus.find("SigIgn");
      return ignored == null || (Long.parseUnsignedLong(ignored, 16) & 1) != 0;
    } catch (IOException | NumberFormatException e) {
      return true; // not Linux: a terminal that goes ends the JVM
    }
  }

  /** Whether to stop. */
  public boolean requested() {
    return requested;
  }

  @Override
  public void close() {
    for (int i = 0; i < signals.size(); i++) {
      Signals.unregister(signals.get(i), before[i]);
    }
  }
}
