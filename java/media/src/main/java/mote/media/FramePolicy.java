package mote.media;

/** What happens to frames of a {@link LiveSource} that come faster than they are taken. */
public enum FramePolicy {
  /** The newest frame wins; those that it replaces are dropped and counted. */
  LATEST,

  /**
   * Every frame is delivered in order. A few wait in bounded memory; beyond that the source is not
   * read on (back-pressure): a file's clock falls behind, a stream's sender has to wait, a camera's
   * driver drops.
   */
  EVERY
}
