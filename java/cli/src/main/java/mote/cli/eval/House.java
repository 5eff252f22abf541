package mote.cli.eval;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import mote.media.Videos;

/**
 * The CMU house sequence: 111 pictures, 30 points marked by hand on each, given on the first. Slow
 * and smooth: a test of drift.
 */
final class House {
  private static final String TRACKS = "tracks_111x30x2_xy.npy";

  private final Path images;
  private final NumpyFile truth;

  /**
   * @param folder with {@code images/} and the tracks, or one that has it as {@code cmu_house/}
   */
  House(Path folder) {
    Path inner = folder.resolve("cmu_house");
    Path root = Files.isDirectory(inner) ? inner : folder;
    images = root.resolve("images");
    truth = NumpyFile.read(root.resolve(TRACKS));
    int[] shape = truth.shape();
    if (shape.length != 3 || shape[2] != 2 || shape[0] < 2 || shape[1] < 1) {
      throw new MoteException(
          "tracks have another shape: file=%s, shape=%s; give (frames, points, 2)"
              .formatted(root.resolve(TRACKS), Arrays.toString(shape)));
    }
  }

  Path pictures() {
    return images;
  }

  /** What is to be tracked, on the pictures as they are. */
  Clip clip() {
    int height;
    int width;
    try (FrameSource source = Videos.open(images)) {
      height = source.height();
      width = source.width();
    }
    int points = truth.shape()[1];
    float[] queries = Arrays.copyOf(truth.values(), points * 2);
    return new Clip(() -> Videos.open(images), height, width, new int[points], queries);
  }

  /** Errors in pixels: over all frames after the first, and on the last. */
  List<Score> scores(String method, Estimate estimate) {
    int frames = truth.shape()[0];
    int points = truth.shape()[1];
    if (estimate.frames() != frames) {
      throw new MoteException(
          "pictures and tracks differ in number: folder=%s, pictures=%d, tracks=%d; give both whole"
              .formatted(images, estimate.frames(), frames));
    }
    List<Double> all = new ArrayList<>();
    List<Double> last = new ArrayList<>();
    for (int frame = 1; frame < frames; frame++) {
      for (int n = 0; n < points; n++) {
        int at = (frame * points + n) * 2;
        double error = estimate.distance(frame, n, truth.values()[at], truth.values()[at + 1]);
        all.add(error);
        if (frame == frames - 1) {
          last.add(error);
        }
      }
    }
    return List.of(
        new Score(method, "house", "mean_px", Statistics.mean(all), all.size()),
        new Score(method, "house", "median_px", Statistics.median(all), all.size()),
        new Score(method, "house", "last_median_px", Statistics.median(last), last.size()));
  }
}
