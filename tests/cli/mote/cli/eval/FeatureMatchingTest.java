package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mote.cli.Home;
import mote.cli.MemorySource;
import mote.cli.demo.DemoScene;
import mote.engine.Backends;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.track.TrackerOptions;
import org.junit.jupiter.api.Test;

/** A ground that jumps: no tracker from frame to frame follows it, features in the whole map do. */
class FeatureMatchingTest {
  private static final int GROUND = 256;
  private static final int SIDE = 96;

  private static byte[] picture(int jump) {
    byte[] ground = DemoScene.ground(GROUND);
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int y = 0; y < SIDE; y++) {
      System.arraycopy(ground, ((y + 80) * GROUND + 40 + jump) * 3, rgb, y * SIDE * 3, SIDE * 3);
    }
    return rgb;
  }

  @Test
  void findsJumpsInTheWholePicture() {
    List<byte[]> pictures = new ArrayList<>();
    for (int jump : new int[] {0, 40, 0, 20}) {
      pictures.add(picture(jump));
    }
    Clip clip =
        new Clip(
            () -> new MemorySource(pictures, SIDE, SIDE, 25),
            SIDE,
            SIDE,
            new int[] {0, 2},
            new float[] {70, 48, 60, 40});
    Estimate estimate;
    try (Weights weights = WeightsFile.open(Home.file("weights/mote-s.safetensors"))) {
      Method match =
          new FeatureMatching(weights, Backends.choose("auto", line -> {}), TrackerOptions.DEFAULT);
      estimate = match.track(clip);
    }
    assertEquals(4, estimate.frames());
    float[][] truth = {{70, 48, 60, 40}, {30, 48, 60, 40}, {70, 48, 60, 40}, {50, 48, 40, 40}};
    for (int frame = 0; frame < truth.length; frame++) {
      for (int n = 0; n < 2; n++) {
        float[] at = truth[frame];
        double error = estimate.distance(frame, n, at[2 * n], at[2 * n + 1]);
        boolean given = frame <= clip.queryFrames()[n];
        assertTrue(
            given ? error == 0 : error < 4, "frame=%d, n=%d, error=%f".formatted(frame, n, error));
        assertTrue(estimate.visible(frame, n));
      }
    }
  }
}
