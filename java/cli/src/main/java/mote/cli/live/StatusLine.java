package mote.cli.live;

/** A line on standard error that is written over and over, where that is a terminal. */
public final class StatusLine implements AutoCloseable {
  private final boolean terminal = Boolean.getBoolean("mote.terminal");
  private int longest;

  void show(String text) {
    if (terminal) {
      longest = Math.max(longest, text.length());
      System.err.printf("\rmote: %-" + longest + "s", text);
      System.err.flush();
    }
  }

  /** Leaves the line as it is. */
  @Override
  public void close() {
    if (longest > 0) {
      System.err.println();
      longest = 0;
    }
  }
}
