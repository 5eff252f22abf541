package mote.cli;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.ReadAhead;
import mote.engine.track.Tracks;
import mote.media.Overlay;
import mote.media.VideoWriter;
import org.apache.arrow.memory.RootAllocator;

/** A video with its tracks drawn on it. */
public final class OverlayVideo {
  private final Supplier<FrameSource> frames;
  private final int trail;

  /**
   * @param frames opens the video that was tracked anew
   * @param trail frames of trail behind a point
   */
  public OverlayVideo(Supplier<FrameSource> frames, int trail) {
    this.frames = frames;
    this.trail = trail;
  }

  /**
   * Draws the frames that were tracked and writes them; the file appears whole or not at all.
   *
   * @param stop asked once a frame; what has been drawn until then is a whole, shorter video
   */
  public void write(Path file, Tracks tracks, BooleanSupplier stop) {
    try (VideoWriter writer = VideoWriter.create(file, tracks.height(), tracks.width())) {
      draw(
          tracks,
          (picture, nanos) -> {
            writer.write(picture, nanos);
            return !stop.getAsBoolean();
          });
      writer.finish();
    }
  }

  /** Where drawn pictures go. */
  @FunctionalInterface
  public interface Sink {
    /**
     * @param picture RGB triples, the caller's after this call
     * @return whether to go on
     */
    boolean take(MemorySegment picture, long timestampNanos);
  }

  /** Reads and draws the frames that were tracked. */
  public void draw(Tracks tracks, Sink sink) {
    long end = tracks.firstFrame() + tracks.frames();
    // A trail is at most as long as the tracks, whatever was asked for.
    int length = (int) Math.min(trail, tracks.frames());
    Overlay overlay = new Overlay(tracks.height(), tracks.width(), tracks.points(), length);
    Points points = new Points(tracks);
    try (FrameSource source = frames.get();
        RootAllocator allocator = new RootAllocator();
        ReadAhead ahead = new ReadAhead(source, allocator, 1)) {
      long frame = -1;
      while (frame + 1 < end) { // what follows the tracks may be broken: it is not asked for
        Frames batch = ahead.next();
        if (batch == null) {
          return;
        }
        frame = batch.frame(0);
        if (frame >= tracks.firstFrame()) {
          points.load(frame);
          MemorySegment picture = batch.picture(0);
          overlay.draw(picture, tracks.points(), points.x, points.y, points.visibility);
          if (!sink.take(picture, batch.timestampNanos(0))) {
            return;
          }
        }
      }
    }
  }

  /** The points of one frame as the overlay wants them. */
  private static final class Points {
    private final Tracks tracks;
    private final float[] x;
    private final float[] y;
    private final float[] visibility;

    Points(Tracks tracks) {
      this.tracks = tracks;
      x = new float[tracks.points()];
      y = new float[tracks.points()];
      visibility = new float[tracks.points()];
    }

    void load(long frame) {
      for (int n = 0; n < x.length; n++) {
        x[n] = tracks.x(frame, n);
        y[n] = tracks.y(frame, n);
        visibility[n] = tracks.visibility(frame, n);
      }
    }
  }
}
