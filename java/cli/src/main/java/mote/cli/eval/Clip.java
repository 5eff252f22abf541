package mote.cli.eval;

import java.util.function.Supplier;
import mote.engine.FrameSource;

/**
 * A video with query points, as a protocol wants it tracked.
 *
 * @param frames opens the video anew, at its own size
 * @param height rows of the pictures that the protocol works on
 * @param width columns of those pictures
 * @param queryFrames (N) the frame on which each point is given
 * @param queries (N, 2) x, y in pixels of the protocol's pictures
 */
public record Clip(
    Supplier<FrameSource> frames, int height, int width, int[] queryFrames, float[] queries) {
  public int points() {
    return queryFrames.length;
  }
}
