package mote.engine.live;

/** What is done about a live point. */
public enum PointState {
  /** It is seen, and followed from frame to frame. */
  TRACKED,
  /** It is not seen: it is followed blindly, and looked for in the whole picture. */
  LOST,
  /** The user holds it: its position stays and nothing is computed. */
  FROZEN
}
