package mote.engine.track;

import mote.engine.MoteException;

/** Tracking ended before the video did; what was tracked until then is kept in {@link #tracks}. */
public final class TrackingStoppedException extends MoteException {
  private static final long serialVersionUID = 1;

  private final transient Tracks tracks;
  private final boolean cancelled;

  TrackingStoppedException(Tracks tracks, MoteException cause) {
    super(cause.getMessage(), cause);
    this.tracks = tracks;
    this.cancelled = false;
  }

  TrackingStoppedException(Tracks tracks) {
    super("tracking was cancelled: frames=" + tracks.frames() + "; what was tracked is kept");
    this.tracks = tracks;
    this.cancelled = true;
  }

  /** The rows of every window that was finished. */
  public Tracks tracks() {
    return tracks;
  }

  /** Whether {@link Progress} asked for the stop; otherwise something failed. */
  public boolean cancelled() {
    return cancelled;
  }
}
