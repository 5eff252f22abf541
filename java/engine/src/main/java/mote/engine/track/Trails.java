package mote.engine.track;

/**
 * Where points were said to be in the last frames, as {@link Carrier} looks at them: a row each, in
 * working pixels, by step. Steps count the frames of one direction.
 */
public interface Trails {
  /** Rows. */
  int count();

  /** What a row is called for as long as its point is there. */
  long id(int row);

  /** The row of an id; negative if it is gone. */
  int find(long id);

  /** The row's place in a carrier's memory, its own as long as its point is there. */
  int home(int row);

  /** The step from which on the row has places. */
  long since(int row);

  /** Bit k: whether the row's place was firm k steps before this one, of the last 64. */
  long firm(int row, long step);

  /** Of the last {@link Carrier#REACH} steps and this one. */
  float x(int row, long step);

  /** As {@link #x}. */
  float y(int row, long step);
}
