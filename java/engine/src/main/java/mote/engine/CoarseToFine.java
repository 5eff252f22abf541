package mote.engine;

import java.lang.foreign.MemorySegment;

/**
 * A tracker, and a second one of the same form that sees the picture at a multiple of the working
 * size and begins where the first ends, on any backend: the first reaches far, the second is exact.
 * Definition: weights/training/mote_train/fine.py.
 *
 * <p>Matches and similarities are the coarse tracker's, visibility and confidence the mean of both
 * logits. {@link #stages} are the coarse tracker's, but for templates, which are of both.
 */
final class CoarseToFine implements Backend {
  private final Architecture architecture;
  private final Arguments arguments;
  private final Backend coarse;
  private final Backend fine;
  private final Stages stages;

  /** Working pixels of the fine tracker, (S, points, 2). */
  private final float[] enlarged;

  private final float[] visibility;
  private final float[] confidence;

  /** In the frame that is compared, (points, 2). */
  private final float[] places;

  private CoarseToFine(Architecture architecture, Backend coarse, Backend fine) {
    this.architecture = architecture;
    arguments = new Arguments(architecture, coarse.plan());
    this.coarse = coarse;
    this.fine = fine;
    stages = new CoarseToFineStages(architecture, arguments, coarse.stages(), fine.stages());
    int points = coarse.plan().points();
    int frames = architecture.window() * points;
    enlarged = new float[2 * frames];
    visibility = new float[frames];
    confidence = new float[frames];
    places = new float[2 * points];
  }

  /** Opens both trackers as {@link BackendProvider#open} says. */
  static Backend open(BackendProvider provider, Weights weights, Plan plan, Precision precision) {
    Architecture architecture = weights.architecture();
    int scale = architecture.fine().scale();
    int height = plan.height() * scale;
    int width = plan.width() * scale;
    if (Math.max(height, width) > Plan.LARGEST) {
      throw new MoteException(
          "working size is too large for the fine tracker: height=%d, width=%d, scale=%d; give at most %d"
              .formatted(plan.height(), plan.width(), scale, Plan.LARGEST / scale));
    }
    Plan large =
        new Plan(
            plan.sourceHeight(),
            plan.sourceWidth(),
            height,
            width,
            plan.stride(),
            plan.slots(),
            plan.points());
    Backend coarse = provider.openSingle(PartOfWeights.coarse(weights), plan, precision);
    Backend fine = null;
    try {
      fine = provider.openFine(PartOfWeights.fine(weights), large, precision);
      return new CoarseToFine(architecture, coarse, fine);
    } catch (RuntimeException | Error failure) {
      close(failure, fine);
      close(failure, coarse);
      throw failure;
    }
  }

  /** Closes what was opened before a failure, whose reason stays the first. */
  private static void close(Throwable failure, Backend backend) {
    try {
      if (backend != null) {
        backend.close();
      }
    } catch (RuntimeException also) {
      failure.addSuppressed(also);
    }
  }

  @Override
  public String name() {
    return coarse.name();
  }

  @Override
  public String description() {
    return "%s; a fine tracker at %dx%d behind it"
        .formatted(coarse.description(), fine.plan().width(), fine.plan().height());
  }

  @Override
  public Architecture architecture() {
    return architecture;
  }

  @Override
  public Plan plan() {
    return coarse.plan();
  }

  @Override
  public Precision precision() {
    return coarse.precision();
  }

  @Override
  public long bytes() {
    return coarse.bytes() + fine.bytes();
  }

  @Override
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    ensureOpen();
    arguments.encode(slot, picture, rowStrideBytes);
    coarse.encode(slot, picture, rowStrideBytes);
    fine.encode(slot, picture, rowStrideBytes);
    arguments.encoded(slot);
  }

  /** For the coarse tracker: memory is pinned once. The fine one's pictures are copied first. */
  @Override
  public Pin pin(MemorySegment memory) {
    return coarse.pin(memory);
  }

  @Override
  public void awaitPictures() {
    coarse.awaitPictures();
    fine.awaitPictures();
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    ensureOpen();
    arguments.sample(slot, count, templates, xy);
    coarse.sample(slot, count, templates, xy);
    enlarge(xy, 2 * count);
    fine.sample(slot, count, templates, enlarged);
    arguments.sampled(count, templates);
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    ensureOpen();
    arguments.restore(count, templates, values);
    int size = architecture.templateSize() / 2;
    float[] half = new float[count * size];
    take(values, half, size, 0);
    coarse.restore(count, templates, half);
    take(values, half, size, size);
    fine.restore(count, templates, half);
    arguments.sampled(count, templates);
  }

  /** One tracker's templates out of those of both. */
  private static void take(float[] values, float[] half, int size, int from) {
    for (int n = 0; n < half.length / size; n++) {
      System.arraycopy(values, 2 * n * size + from, half, n * size, size);
    }
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.match(slot, count, templates, xy, similarity);
    coarse.match(slot, count, templates, xy, similarity);
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    ensureOpen();
    arguments.similarity(slot, count, templates, xy, similarity);
    coarse.similarity(slot, count, templates, xy, similarity);
  }

  /**
   * @throws MoteException if either tracker's trajectory is not finite
   * @return the coarse tracker's iterations; the fine one's are fixed, but that {@code settle} ends
   *     them, too
   */
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
    ensureOpen();
    arguments.refine(
        slots,
        count,
        templates,
        locked,
        iterations,
        settle,
        xy,
        visibility,
        confidence,
        compared,
        similarity);
    int most =
        coarse.refine(
            slots, count, templates, locked, iterations, settle, xy, visibility, confidence);
    int frames = architecture.window() * count;
    enlarge(xy, 2 * frames);
    requireNumbers("coarse", frames);
    int scale = architecture.fine().scale();
    fine.refine(
        slots,
        count,
        templates,
        locked,
        architecture.fine().iterations(),
        Math.min(settle * scale, Plan.LARGEST),
        enlarged,
        this.visibility,
        this.confidence);
    requireNumbers("fine", frames);
    for (int i = 0; i < 2 * frames; i++) {
      xy[i] = (enlarged[i] + .5f) / scale - .5f;
    }
    mean(visibility, this.visibility, frames);
    mean(confidence, this.confidence, frames);
    if (compared >= 0) {
      System.arraycopy(xy, 2 * compared * count, places, 0, 2 * count);
      coarse.similarity(slots[compared], count, templates, places, similarity);
    }
    return most;
  }

  /** The largest numbers stay numbers: far outside is far outside. */
  private void enlarge(float[] xy, int values) {
    int scale = architecture.fine().scale();
    for (int i = 0; i < values; i++) {
      float far = (xy[i] + .5f) * scale - .5f;
      enlarged[i] =
          Float.isFinite(xy[i]) ? Math.clamp(far, -Float.MAX_VALUE, Float.MAX_VALUE) : far;
    }
  }

  private void requireNumbers(String tracker, int frames) {
    for (int i = 0; i < 2 * frames; i++) {
      if (!Float.isFinite(enlarged[i])) {
        throw new MoteException(
            "trajectory is not finite: tracker=%s, place=%d, value=%s; look at the weights"
                .formatted(tracker, i / 2, enlarged[i]));
      }
    }
  }

  private static void mean(float[] out, float[] other, int count) {
    for (int i = 0; i < count; i++) {
      out[i] = (out[i] + other[i]) / 2;
    }
  }

  @Override
  public Stages stages() {
    ensureOpen();
    return stages;
  }

  /** Says it where this is closed: before arguments are looked at, as everywhere. */
  private void ensureOpen() {
    coarse.stages();
  }

  @Override
  public void close() {
    try {
      fine.close();
    } catch (RuntimeException failure) {
      close(failure, coarse);
      throw failure;
    }
    coarse.close();
  }
}
