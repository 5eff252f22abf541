package mote.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mote.cli.OverlayVideo;
import mote.cli.bench.Measurement.Figure;
import mote.cli.eval.Statistics;
import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.track.Query;
import mote.engine.track.Tracker;
import mote.engine.track.TrackerOptions;
import mote.engine.track.Tracks;
import mote.media.Overlay;
import mote.media.VideoWriter;
import mote.media.Videos;
import org.apache.arrow.memory.RootAllocator;

/**
 * A whole video at its own size through everything that a user waits for: decode and track it, then
 * decode it again and draw the tracks; with {@code -encoded}, also encode the drawing as mp4; with
 * {@code -stages}, where the model's time goes.
 */
final class PipelineCase {
  private static final int RUNS = 3;

  private final Weights weights;
  private final BackendProvider provider;
  private final TrackerOptions options;
  private final Path folder;

  PipelineCase(Weights weights, BackendProvider provider, TrackerOptions options, Path folder) {
    this.weights = weights;
    this.provider = provider;
    this.options = options;
    this.folder = folder;
  }

  /**
   * @param points on a square grid: a square number
   * @param frames of the clip, a multiple of 8
   */
  List<Measurement> run(int height, int width, int points, int frames) {
    Path video = folder.resolve("clip-%dx%d.mp4".formatted(width, height));
    encode(video, height, width, frames);
    List<Double> drawn = new ArrayList<>();
    List<Double> encoded = new ArrayList<>();
    List<Double> tracked = new ArrayList<>();
    StageClock clock = new StageClock(provider);
    for (int run = 0; run <= RUNS; run++) {
      boolean timed = run > 0; // the first one warms up
      long began = System.nanoTime();
      Tracks tracks = track(clock, video, queries(points, height, width), frames, timed);
      long afterTracking = System.nanoTime();
      OverlayVideo overlay = new OverlayVideo(() -> Videos.open(video), Overlay.DEFAULT_TRAIL);
      long[] pictures = {0};
      overlay.draw(
          tracks,
          (picture, nanos) -> {
            pictures[0]++;
            return true;
          });
      long afterDrawing = System.nanoTime();
      overlay.write(folder.resolve("overlay.mp4"), tracks, () -> false);
      long afterEncoding = System.nanoTime();
      if (tracks.frames() != frames || pictures[0] != frames) {
        throw new MoteException(
            "frames were lost: tracked=%d, drawn=%d, expected=%d; report this"
                .formatted(tracks.frames(), pictures[0], frames));
      }
      if (timed) {
        tracked.add((afterTracking - began) / 1e9);
        drawn.add((afterDrawing - began) / 1e9);
        encoded.add((afterTracking - began + afterEncoding - afterDrawing) / 1e9);
      }
    }
    String name = "small-%dx%d-%dpts".formatted(width, height, points);
    List<Measurement> rows = new ArrayList<>();
    rows.add(measurement(name, drawn, frames).with(Figure.OUTPUT, "decoded, tracked, drawn"));
    rows.add(
        measurement(name + "-tracked", tracked, frames).with(Figure.OUTPUT, "decoded, tracked"));
    rows.add(
        measurement(name + "-encoded", encoded, frames)
            .with(Figure.OUTPUT, "decoded, tracked, drawn, mp4"));
    rows.addAll(clock.rows(name, options.precision().id()));
    return rows;
  }

  private Measurement measurement(String name, List<Double> seconds, int frames) {
    double median = Statistics.median(seconds);
    return Measurement.of(name, provider.name(), options.precision().id(), median)
        .with(Figure.FRAMES_PER_SECOND, frames / median);
  }

  /**
   * Tracks the clip; the clock, if timed, runs over its second half: by then each frame costs the
   * same, so many encoded and so many windows.
   */
  private Tracks track(
      StageClock clock, Path video, List<Query> queries, int frames, boolean timed) {
    try (FrameSource source = Videos.open(video)) {
      return new Tracker(weights, clock, options.withSize(source.height(), source.width()))
          .track(
              source,
              queries,
              (done, expected) -> {
                if (timed && done == frames / 2) {
                  clock.start();
                } else if (timed && done == frames) {
                  clock.stop(frames - frames / 2);
                }
                return true;
              });
    }
  }

  static List<Query> queries(int points, int height, int width) {
    int side = (int) Math.ceil(Math.sqrt(points));
    return mote.engine.track.Queries.grid(side, 0, width, height).subList(0, points);
  }

  private static void encode(Path video, int height, int width, int frames) {
    try (FrameSource source = new BenchClip(height, width, frames);
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, height, width, 1);
        VideoWriter writer = VideoWriter.create(video, height, width)) {
      while (source.read(batch) > 0) {
        writer.write(batch.picture(0), batch.timestampNanos(0));
      }
      writer.finish();
    }
  }
}
