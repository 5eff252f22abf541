package mote.engine.track;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/**
 * A backend that computes nothing but writes down what it was asked for. The picture's first byte
 * names the frame. Refining moves every point one pixel to the right per frame of the video, so
 * that a window that looks at the wrong frames, or starts from the wrong estimate, shows.
 */
public class RecordingBackend implements Backend {
  public record Window(List<Integer> frames, List<Integer> points, List<Boolean> locked) {}

  public record Comparison(int frame, List<Integer> templates) {}

  final Architecture architecture;
  public final Plan plan;
  public final List<Integer> encoded = new ArrayList<>();
  public final List<Window> windows = new ArrayList<>();
  public final List<float[]> firstEstimates = new ArrayList<>();
  final BiFunction<Integer, Integer, Float> visibilityLogit;
  public final List<Integer> matches = new ArrayList<>();

  /** Frame and templates of each call of {@link #match} and of {@link #similarity}. */
  public final List<Comparison> matchCalls = new ArrayList<>();

  public final List<Comparison> similarityCalls = new ArrayList<>();

  /** x, y and similarity of the best match of (frame, template); nothing is like anything. */
  public BiFunction<Integer, Integer, float[]> match = (frame, template) -> new float[3];

  /** Similarity of every place to every template. */
  public float like = 1;

  /** Templates whose points refining leaves where they are. */
  private Set<Integer> resting = Set.of();

  public boolean closed;

  /** Pieces of memory that are pinned. */
  public int pins;

  private final int[] held;

  /**
   * @param visibilityLogit of (frame of the video, point)
   */
  RecordingBackend(
      Architecture architecture, Plan plan, BiFunction<Integer, Integer, Float> visibilityLogit) {
    this.architecture = architecture;
    this.plan = plan;
    this.visibilityLogit = visibilityLogit;
    held = new int[plan.slots()];
  }

  /** Keeps every backend that it opened. */
  public static class Provider implements BackendProvider {
    public final List<RecordingBackend> opened = new ArrayList<>();
    final BiFunction<Integer, Integer, Float> visibilityLogit;

    /** Templates whose points refining leaves where they are, in every backend. */
    public final Set<Integer> resting = new HashSet<>();

    public Provider(BiFunction<Integer, Integer, Float> visibilityLogit) {
      this.visibilityLogit = visibilityLogit;
    }

    @Override
    public String name() {
      return "recording";
    }

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public String unavailable() {
      return null;
    }

    @Override
    public Backend openSingle(Weights weights, Plan plan, Precision precision) {
      opened.add(make(weights.architecture(), plan));
      opened.getLast().resting = resting;
      return opened.getLast();
    }

    RecordingBackend make(Architecture architecture, Plan plan) {
      return new RecordingBackend(architecture, plan, visibilityLogit);
    }
  }

  /** Where refining puts a point of a window's frame {@code s}, from its first estimates. */
  float refinedX(List<Integer> frames, int s, float[] first) {
    return first[0] + Math.abs(frames.get(s) - frames.getFirst());
  }

  @Override
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    int frame = Byte.toUnsignedInt(picture.get(ValueLayout.JAVA_BYTE, 0));
    held[slot] = frame;
    encoded.add(frame);
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    // The template of this backend is nothing.
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    // The template of this backend is nothing.
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    matchCalls.add(comparison(slot, count, templates));
    for (int n = 0; n < count; n++) {
      matches.add(templates[n]);
      xy[2 * n] = match.apply(held[slot], templates[n])[0];
      xy[2 * n + 1] = match.apply(held[slot], templates[n])[1];
      similarity[2 * n] = match.apply(held[slot], templates[n])[2];
      similarity[2 * n + 1] = 0;
    }
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    similarityCalls.add(comparison(slot, count, templates));
    java.util.Arrays.fill(similarity, 0, count, like);
  }

  private Comparison comparison(int slot, int count, int[] templates) {
    return new Comparison(
        held[slot], java.util.Arrays.stream(templates, 0, count).boxed().toList());
  }

  @Override
  public int refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float settle,
      float[] xy,
      float[] visibility,
      float[] confidence,
      int compared,
      float[] similarity) {
    List<Integer> frames = new ArrayList<>();
    for (int slot : slots) {
      frames.add(held[slot]);
    }
    List<Integer> points = new ArrayList<>();
    List<Boolean> locks = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      points.add(templates[n]);
      locks.add(locked[n]);
    }
    windows.add(new Window(frames, points, locks));
    firstEstimates.add(java.util.Arrays.copyOf(xy, slots.length * count * 2));
    for (int n = 0; n < count; n++) {
      float[] first = new float[slots.length];
      for (int s = 0; s < slots.length; s++) {
        first[s] = xy[2 * (s * count + n)];
      }
      for (int s = 0; s < slots.length; s++) {
        int row = s * count + n;
        xy[2 * row] = resting.contains(templates[n]) ? first[s] : refinedX(frames, s, first);
        visibility[row] = visibilityLogit.apply(frames.get(s), templates[n]);
        if (confidence != null) {
          confidence[row] = 4;
        }
      }
    }
    if (compared >= 0) {
      similarity(slots[compared], count, templates, xy, similarity);
    }
    return iterations;
  }

  @Override
  public Pin pin(MemorySegment memory) {
    if (plan.sourceWidth() % 2 == 1) {
      throw new MoteException("memory cannot be pinned: device=recording; give an even width");
    }
    pins++;
    return () -> pins--;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String name() {
    return "recording";
  }

  @Override
  public String description() {
    return "recording";
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public Precision precision() {
    return Precision.F32;
  }

  @Override
  public long bytes() {
    return 0;
  }

  @Override
  public Stages stages() {
    throw new AssertionError("what tracks a video does not look at single stages");
  }
}
