package mote.cli.eval;

/** Moves points from each picture to the next one. */
interface FrameFlow extends AutoCloseable {
  /**
   * Moves points from the picture of the last call to this one; the first call only keeps it.
   *
   * @param rgb height x width RGB triples
   * @param xy (N, 2), in pixels: positions in the last picture, changed to those in this one
   * @param found (N) out: false where the point was lost
   */
  void advance(byte[] rgb, float[] xy, boolean[] found);

  @Override
  void close();
}
