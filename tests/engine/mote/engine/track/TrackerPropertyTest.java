package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import mote.engine.Architecture;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;

/**
 * The scheduler against the plain loop over one point with the whole video at hand (that of
 * weights/training and of the published code), for videos of any length, queries on any frame, any
 * hop, both directions. What refining gives depends on every frame and every first estimate of a
 * window, and differs from window to window, so that a wrong one shows in the tracks.
 */
class TrackerPropertyTest {
  private static final int CASES = 2_000;
  private static final int S = 8;

  private static final class Provider extends RecordingBackend.Provider {
    Provider() {
      super(TrackerPropertyTest::logit);
    }

    @Override
    RecordingBackend make(Architecture architecture, Plan plan) {
      return new RecordingBackend(architecture, plan, TrackerPropertyTest::logit) {
        @Override
        float refinedX(List<Integer> frames, int s, float[] first) {
          return TrackerPropertyTest.refinedX(frames, s, first);
        }
      };
    }
  }

  /** Anything that depends on everything; frame 0 of a window stays, as if it were locked. */
  private static float refinedX(List<Integer> frames, int s, float[] first) {
    int hash = 31 * frames.hashCode() + Arrays.hashCode(first);
    return s == 0 ? first[0] : 30 + Math.floorMod(hash * (2 * s + 1), 1021) / 64f;
  }

  private static float logit(int frame, int point) {
    return Math.floorMod((frame * 31 + point * 17) * 2654435, 13) - 8;
  }

  @Test
  void everyPointIsTrackedAsIfItWereAlone() {
    SplittableRandom random = new SplittableRandom(20260105);
    for (int i = 0; i < CASES; i++) {
      boolean pips = i % 2 == 0;
      int frames = random.nextInt(1, 40);
      boolean backward = random.nextBoolean();
      int hop = pips ? 0 : random.nextInt(1, S);
      List<Query> queries = new ArrayList<>();
      for (int point = random.nextInt(1, 6); point > 0; point--) {
        queries.add(new Query(random.nextInt(frames), random.nextInt(64), 6));
      }
      Provider provider = new Provider();
      Tracks tracks =
          new Tracker(
                  NoWeights.of(pips ? Architecture.pips() : Architecture.moteS()),
                  provider,
                  TrackerOptions.DEFAULT.withHop(hop).withBackward(backward).withCarry(false))
              .track(new NumberedFrames(frames), queries);
      String what =
          "pips=%b, frames=%d, backward=%b, hop=%d, queries=%s"
              .formatted(pips, frames, backward, hop, queries);
      for (int point = 0; point < queries.size(); point++) {
        Float[] expected = alone(queries.get(point), point, frames, hop, backward);
        for (int frame = 0; frame < frames; frame++) {
          Float x = tracks.has(frame, point) ? (Float) tracks.x(frame, point) : null;
          assertEquals(expected[frame], x, what + ", point=" + point + ", frame=" + frame);
        }
      }
      assertEarliestFirstAndTogether(provider.opened.getFirst(), frames, what);
    }
  }

  /** The track of one point, null where there is none. */
  private static Float[] alone(Query query, int point, int frames, int hop, boolean backward) {
    Float[] track = new Float[frames];
    int q = (int) query.frame();
    if (backward) {
      List<Integer> past = IntStream.rangeClosed(0, q).mapToObj(i -> q - i).toList();
      float[] steps = forward(query.x(), point, past, hop);
      for (int s = 0; s < steps.length; s++) {
        track[q - s] = steps[s];
      }
    }
    List<Integer> future = IntStream.range(q, frames).boxed().toList();
    float[] steps = forward(query.x(), point, future, hop);
    for (int s = 0; s < steps.length; s++) {
      track[q + s] = steps[s];
    }
    return track;
  }

  /** Over a video's frames in the order in which they are looked at, the query's the first. */
  private static float[] forward(float x, int point, List<Integer> video, int hop) {
    float[] track = new float[video.size()];
    track[0] = x;
    int known = 1;
    for (int start = 0; start < video.size(); ) {
      List<Integer> frames = new ArrayList<>();
      float[] first = new float[S];
      for (int s = 0; s < S; s++) {
        frames.add(video.get(Math.min(start + s, video.size() - 1)));
        boolean warm = hop > 0 && start + s < known;
        first[s] = s == 0 || warm ? track[start + s] : first[s - 1];
      }
      known = Math.min(start + S, video.size());
      for (int s = 0; start + s < known; s++) {
        track[start + s] = refinedX(frames, s, first);
      }
      if (hop > 0 && known == video.size()) {
        return track;
      }
      start += hop > 0 ? hop : lastSure(frames, point);
    }
    return track;
  }

  /** The published scan, as its code has it. */
  private static int lastSure(List<Integer> frames, int point) {
    double threshold = 0.9;
    int s = S - 1;
    while (true) {
      if ((float) (1 / (1 + Math.exp(-logit(frames.get(s), point)))) > threshold) {
        return s;
      }
      s--;
      if (s == 1) {
        threshold -= 0.02;
        s = S - 1;
      }
    }
  }

  private static void assertEarliestFirstAndTogether(
      RecordingBackend backend, int frames, String what) {
    assertEquals(
        IntStream.range(0, frames).boxed().toList(), backend.encoded.subList(0, frames), what);
    List<List<Integer>> seen = new ArrayList<>();
    for (RecordingBackend.Window window : backend.windows) {
      assertFalse(seen.contains(window.frames()), what);
      if (!seen.isEmpty() && rises(window) && rises(seen.getLast())) {
        assertTrue(window.frames().getFirst() > seen.getLast().getFirst(), what);
      }
      seen.add(window.frames());
    }
  }

  private static boolean rises(RecordingBackend.Window window) {
    return rises(window.frames());
  }

  private static boolean rises(List<Integer> frames) {
    return frames.getFirst() < frames.getLast();
  }
}
