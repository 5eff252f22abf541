package mote.cli.live;

import org.HdrHistogram.Histogram;

/**
 * Times of many frames in constant memory: percentiles to 3 significant digits, from a microsecond
 * to a minute. Recording makes no garbage.
 */
public final class Latencies {
  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final int DIGITS = 3;

  private final Histogram histogram = new Histogram(1000, LONGEST_NANOS, DIGITS);

  /** Adds a time; one of more than a minute counts as a minute. */
  public void record(long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
  }

  /** How many were added. */
  public long count() {
    return histogram.getTotalCount();
  }

  /** Milliseconds that so many percent of the times do not exceed; 0 where there are none. */
  public double percentileMillis(double percent) {
    return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(percent) / 1e6;
  }

  /** The shortest in milliseconds, 0 where there are none. */
  public double bestMillis() {
    return histogram.getTotalCount() == 0 ? 0 : histogram.getMinValue() / 1e6;
  }

  /** How many lie from one time in milliseconds to another one, both as exact as the histogram. */
  public long countBetween(double fromMillis, double toMillis) {
    return histogram.getCountBetweenValues(
        Math.round(fromMillis * 1e6), Math.round(toMillis * 1e6));
  }

  /** The longest in milliseconds, 0 where there are none. */
  public double worstMillis() {
    return histogram.getMaxValue() / 1e6;
  }
}
