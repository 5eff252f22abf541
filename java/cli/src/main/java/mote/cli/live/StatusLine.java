package mote.cli.live;

import java.io.PrintWriter;

/**
 * A line on standard error that is written over and over where that is a terminal, and messages
 * that do not run into it. For any thread.
 */
public final class StatusLine implements AutoCloseable {
  private final boolean terminal = Boolean.getBoolean("mote.terminal");
  private final PrintWriter err;
  private int longest;

  /**
   * @param err gets the messages
   */
  public StatusLine(PrintWriter err) {
    this.err = err;
  }

  synchronized void show(String text) {
    if (terminal) {
      longest = Math.max(longest, text.length());
      System.err.printf("\rmote: %-" + longest + "s", text);
      System.err.flush();
    }
  }

  /** Writes a message on a line of its own. */
  public synchronized void say(String message) {
    close();
    err.println("mote: " + message);
  }

  /** Leaves the line as it is. */
  @Override
  public synchronized void close() {
    if (longest > 0) {
      System.err.println();
      longest = 0;
    }
  }
}
