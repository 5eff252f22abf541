package mote.cuda;

/**
 * Where a call's arguments lie in its buffer, for calls of at most so many points: the CallHeader
 * of params.h, then arrays.
 *
 * @param points that there is room for
 */
record CallLayout(int points) {
  /** Bytes before the arrays (and before the picture, in encode's). */
  static final int HEADER = 256;

  long versions() {
    return HEADER;
  }

  long ids() {
    return versions() + 8L * points;
  }

  long locked() {
    return ids() + 4L * points;
  }

  /** Positions: (S, count, 2), of a sampling (count, 2). */
  long xy() {
    return (locked() + 4L * points + 7) / 8 * 8;
  }

  long bytes() {
    return xy() + 8L * 8 * points;
  }
}
