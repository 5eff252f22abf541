package mote.stream;

/** What becomes of frames that come faster than they are tracked. */
public enum Policy {
  /** Every frame is tracked; the sender is held up. */
  EVERY,
  /** The newest is tracked; those it overtakes are dropped and counted. */
  LATEST;

  /** As options and the protocol write it. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Batches that a connection has at once: one is tracked and one is received; {@code LATEST} has
   * one more that waits and may be overtaken.
   */
  int batches() {
    return this == EVERY ? 2 : 3;
  }
}
