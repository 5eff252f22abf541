package mote.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error where that is a terminal, otherwise nothing. */
public final class ProgressLine implements AutoCloseable {
  private static final int COLUMNS = 79;
  private static final int MILLIS = 200;

  private final ProgressBar bar;

  /**
   * @param task what goes on, one word or two
   * @param expected frames in all, -1 where that is not known
   */
  public ProgressLine(String task, long expected) {
    // The launcher looks: Java cannot tell for standard error alone.
    bar =
        Boolean.getBoolean("mote.terminal")
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(expected)
                .setUnit(" frames", 1)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(MILLIS)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, COLUMNS))
                .showSpeed()
                .build()
            : null;
  }

  /**
   * @param done frames so far
   * @param expected frames in all, -1 where that is not known
   */
  public void show(long done, long expected) {
    if (bar != null) {
      bar.maxHint(expected);
      bar.stepTo(done);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
