package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import mote.cli.Home;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The held-out clips as they are committed: read whole, as hard as their README says. */
class ScenesTest {
  private static final Path HELD_OUT = Home.file("weights/heldout");

  @TempDir private Path folder;

  private static Map<String, Score> mean(List<Scenes.Scene> scenes, Method method) {
    List<Score> all = new ArrayList<>();
    for (Scenes.Scene scene : scenes) {
      Estimate estimate = method.track(scene.clip());
      all.addAll(TrackingScores.of(method, scene.name(), scene.clip(), scene.truth(), estimate));
    }
    return TrackingScores.mean(all, "heldout").stream()
        .collect(Collectors.toMap(Score::metric, score -> score));
  }

  @Test
  void heldOutClipsAreAsHardAsTheyShouldBe() {
    List<Scenes.Scene> scenes = Scenes.open(HELD_OUT);
    assertEquals(12, scenes.size());
    Map<String, Score> still = mean(scenes, Baseline.ZERO);
    // Those of python -m mote_train.heldout check, which decodes and scores by itself.
    assertEquals(8.0, still.get("delta_avg_visible").value(), 0.05);
    assertEquals(2.1, still.get("delta_avg_hidden").value(), 0.05);
    assertEquals(43.5, mean(scenes, Baseline.LUCAS_KANADE).get("delta_avg_visible").value(), 0.5);
    double hidden = still.get("delta_avg_hidden").count();
    double visible = still.get("delta_avg_visible").count();
    assertTrue(hidden / (hidden + visible) > 0.2, hidden + " of " + (hidden + visible));
  }

  @Test
  void theTruthIsPerfect() {
    List<Scenes.Scene> scenes = Scenes.open(HELD_OUT).subList(0, 1);
    Truth truth = scenes.get(0).truth();
    Method told =
        new Method() {
          @Override
          public String id() {
            return "told";
          }

          @Override
          public Estimate track(Clip clip) {
            return new Estimate(truth.frames(), truth.points(), truth.xy(), truth.visible());
          }
        };
    Map<String, Score> scores = mean(scenes, told);
    for (String metric :
        List.of(
            "delta_avg_visible",
            "delta_avg_hidden",
            "average_jaccard",
            "occlusion_accuracy",
            "survival_16px")) {
      assertEquals(100, scores.get(metric).value(), 1e-9, metric);
    }
    // A query is a point of its own track.
    Clip clip = scenes.get(0).clip();
    for (int n = 0; n < clip.points(); n++) {
      int query = clip.queryFrames()[n];
      assertEquals(clip.queries()[2 * n], truth.x(query, n), 1e-3);
      assertTrue(truth.visible(query, n));
    }
  }

  @Test
  void whatIsNoHeldOutSetIsNamed() throws IOException {
    assertRefused(
        "no held-out clips: folder=" + folder + "; restore weights/heldout from the repository");
    Path clip = Files.createDirectories(folder.resolve("00"));
    Files.copy(HELD_OUT.resolve("00/clip.mp4"), clip.resolve("clip.mp4"));
    String header =
        "{\"tracks\":{\"dtype\":\"F32\",\"shape\":[2,1,2],\"data_offsets\":[0,16]},\"queries\":{\"dtype\":\"F32\",\"shape\":[1,3],\"data_offsets\":[16,28]},\"visible\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[28,32]}}";
    ByteBuffer file = ByteBuffer.allocate(8 + header.length() + 32).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    Files.write(clip.resolve("truth.safetensors"), file.array());
    assertRefused(
        "truth has another form: file=" + clip.resolve("truth.safetensors") + ", tensor=visible");
  }

  private void assertRefused(String beginning) {
    String message = assertThrows(MoteException.class, () -> Scenes.open(folder)).getMessage();
    assertTrue(message.startsWith(beginning), message);
  }
}
