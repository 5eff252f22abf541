package mote.cli.live;

import java.util.Arrays;

/**
 * The number that people know a point by: its place in the list that was given, and on from there
 * for points that were added later. A tracker numbers points in the order in which they join.
 */
final class PointNumbers {
  private long[] numbers = new long[64];

  /** A point has joined. */
  void put(long identity, long number) {
    int at = Math.toIntExact(identity);
    if (at >= numbers.length) {
      numbers = Arrays.copyOf(numbers, Math.max(at + 1, 2 * numbers.length));
    }
    numbers[at] = number;
  }

  long of(long identity) {
    return numbers[(int) identity];
  }
}
