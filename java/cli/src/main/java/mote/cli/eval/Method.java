package mote.cli.eval;

/** A way to track points; a row of the tables. */
public interface Method {
  /** The id in JSON, see java/cli/JSON.md. */
  String id();

  /** Tracks all points of a clip to its end. */
  Estimate track(Clip clip);
}
