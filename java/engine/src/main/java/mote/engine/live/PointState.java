package mote.engine.live;

/** What is done about a live point. */
public enum PointState {
  /** It is followed from frame to frame, visible or hidden for a moment. */
  TRACKED,
  /** It was hidden for long, or the scene was cut: it is followed and looked for. */
  LOST,
  /** The user holds it: its position stays and nothing is computed. */
  FROZEN
}
