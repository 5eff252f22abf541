package mote.engine.track;

/** Watches a tracking run and may end it; called on the thread that tracks, once a frame. */
public interface Progress {
  /** Watches nothing and never cancels. */
  Progress NONE = (done, expected) -> true;

  /**
   * @param done frames done so far; a pass to the past counts its frames again
   * @param expected frames in all where known, otherwise -1
   * @return false to stop here: what was tracked is kept
   */
  boolean frame(long done, long expected);
}
