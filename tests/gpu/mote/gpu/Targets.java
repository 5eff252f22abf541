package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What was promised for one H100 or H200, held against what was measured: the best of the forms and
 * mixers that ran at 480x640 with the iterations promised, and which that was.
 */
final class Targets {
  private static final int HEIGHT = 480;
  private static final int WIDTH = 640;
  private static final int POINTS = 256;
  private static final int PIPS_ITERATIONS = 6;
  private static final int MOTE_ITERATIONS = 4;

  /** Of fewer a p99 is about the worst that happened to be met. */
  private static final int FEWEST_FRAMES = 1000;

  private static final String MISSING = "no such row in this run";

  /**
   * A target.
   *
   * @param verdict {@code met}, {@code missed} or {@code not measured}
   * @param measured with its unit and what was measured, or why it was not
   */
  record Target(String target, String verdict, String measured) {}

  /** Of a case, a number that is promised something. */
  private record Found(Key key, double value) {
    private static final Comparator<Found> BY_VALUE = Comparator.comparingDouble(Found::value);

    /** Whether it can have been measured at all. */
    private boolean sound() {
      return Double.isFinite(value) && value > 0;
    }

    private String text(String unit) {
      return "%s %s (%s)".formatted(number(value), unit, key.mixer());
    }
  }

  private final Results results;
  private final Optional<Ceiling> peak;
  private final boolean whole;
  private final List<Target> targets = new ArrayList<>();

  private Targets(Results results) {
    this.results = results;
    peak = Ceiling.peak(results);
    whole = Ceiling.peakIsWhole(results);
  }

  static List<Target> of(Results results) {
    Targets targets = new Targets(results);
    targets.latency(promised("pips", POINTS), "pips", PIPS_ITERATIONS, 2);
    targets.latency(promised("mote-s", POINTS).and(Key::half), "mote-s", MOTE_ITERATIONS, 0.5);
    targets.mixer();
    targets.share("fused mixer, 1024 points: 60 % of the peak", Stage.MIXER, 1024, 0.6);
    targets.correlation("pips");
    targets.correlation("mote-s");
    targets.share("encoder of pips: 50 % of the peak", Stage.ENCODER, POINTS, 0.5);
    targets.published();
    return targets.targets;
  }

  private static Predicate<Key> promised(String model, int points) {
    int iterations = model.equals("pips") ? PIPS_ITERATIONS : MOTE_ITERATIONS;
    return key ->
        key.model().equals(model)
            && key.height() == HEIGHT
            && key.width() == WIDTH
            && key.points() == points
            && key.iterations() == iterations;
  }

  private void add(String target, String verdict, String measured) {
    boolean standIn = results.root().path("device").path("stand_in").asBoolean(false);
    targets.add(
        standIn
            ? new Target(target, "not measured", "the stand-in is no GPU")
            : new Target(target, verdict, measured));
  }

  private void add(String target, Optional<Found> found, boolean met, String unit) {
    if (found.isEmpty()) {
      add(target, "not measured", MISSING);
    } else {
      add(target, met ? "met" : "missed", found.get().text(unit));
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  /** The least of a field among rows of some cases. */
  private Optional<Found> least(Predicate<JsonNode> which, String field) {
    List<Found> found = new ArrayList<>();
    for (JsonNode row : results.rows("latency")) {
      if (which.test(row)) {
        found.add(new Found(Key.of(row), row.path(field).asDouble(Double.NaN)));
      }
    }
    return found.stream().filter(Found::sound).min(Found.BY_VALUE);
  }

  private void latency(Predicate<Key> promised, String model, int iterations, double limit) {
    Predicate<JsonNode> which = row -> promised.test(Key.of(row));
    Predicate<JsonNode> enough = row -> row.path("frames").asLong() >= FEWEST_FRAMES;
    String target =
        "%s, %dx%d, %d points, %d iterations for each new frame: at most %s ms p99"
            .formatted(model, HEIGHT, WIDTH, POINTS, iterations, limit);
    Optional<Found> best = least(which.and(enough), "p99_ms");
    Optional<Found> any = least(which, "p99_ms");
    if (best.isEmpty() && any.isPresent()) {
      String few =
          ", of fewer than %d frames; give more frames or seconds".formatted(FEWEST_FRAMES);
      add(target, "not measured", any.get().text("ms p99") + few);
    } else {
      add(target, best, best.isPresent() && best.get().value <= limit, "ms p99");
    }
  }

  /** The largest number of the cases with our own mixer and 16-bit operands. */
  private Optional<Found> largest(int points, Function<Key, Double> value) {
    Predicate<Key> ours = promised("pips", points).and(Key::half);
    return Key.of(results.rows("kernels"), ours.and(key -> key.gemm().equals("fused"))).stream()
        .map(key -> new Found(key, value.apply(key)))
        .filter(Found::sound)
        .max(Found.BY_VALUE);
  }

  /** Operations a second of a stage over the peak; not a number where either is unknown. */
  private double share(Stage stage, Key key) {
    Stage.Sum sum = stage.sum(results, key);
    return sum == null || peak.isEmpty()
        ? Double.NaN
        : sum.operations() / sum.seconds() / 1e12 / peak.get().value();
  }

  private String ofPeak() {
    return "of %s's %s peak"
        .formatted(peak.get().by(), peak.get().name().substring("matmul-".length()));
  }

  private static final String ELSEWHERE =
      ", and this device does more than that; put cuBLAS on the library path";

  private void share(String target, Stage stage, int points, double limit) {
    Optional<Found> best = largest(points, key -> share(stage, key));
    if (best.isPresent() && best.get().value >= limit && !whole) {
      add(target, "not measured", best.get().text(ofPeak()) + ELSEWHERE);
    } else {
      boolean met = best.isPresent() && best.get().value >= limit;
      add(target, best, met, peak.isEmpty() ? "" : ofPeak());
    }
  }

  private double timesCublas(Key key) {
    Stage.Sum fused = Stage.MIXER.sum(results, key);
    Stage.Sum cublas = Stage.MIXER.sum(results, key.byCublas());
    return fused == null || cublas == null ? Double.NaN : cublas.seconds() / fused.seconds();
  }

  private void mixer() {
    String target = "fused mixer, 256 points: 2.5 times the cuBLAS path, or 60 % of the peak";
    Optional<Found> times = largest(POINTS, this::timesCublas);
    Optional<Found> share = largest(POINTS, key -> share(Stage.MIXER, key));
    boolean enough = share.isPresent() && share.get().value >= 0.6;
    if (times.isEmpty()) { // a share that is missed leaves the other half open
      boolean met = enough && whole;
      String text =
          share.isEmpty() ? MISSING : share.get().text(ofPeak()) + (met ? "" : "; no cuBLAS path");
      add(target, met ? "met" : "not measured", text);
      return;
    }
    String more = share.isEmpty() ? "" : ", " + share.get().text(ofPeak());
    String text = times.get().text("times the cuBLAS path") + more;
    boolean met = times.get().value >= 2.5 || enough && whole;
    if (!met && enough) {
      add(target, "not measured", text + ELSEWHERE);
    } else {
      add(target, met ? "met" : "missed", text);
    }
  }

  private void correlation(String model) {
    JsonNode rows = results.found("kernels").path("correlations");
    Optional<Double> ceiling = Ceiling.of(results, "read-l2").stream().boxed().findFirst();
    List<Found> found = new ArrayList<>();
    for (JsonNode row : rows) {
      Key key = Key.of(row);
      if (key.half() && promised(model, POINTS).test(key) && ceiling.isPresent()) {
        double rate = row.path("bytes").asDouble(Double.NaN) / row.path("micros").asDouble() / 1e3;
        found.add(new Found(key, rate / ceiling.get()));
      }
    }
    Optional<Found> best = found.stream().filter(Found::sound).max(Found.BY_VALUE);
    String target =
        "correlation of %s, nothing kept: 70 %% of the L2's measured bandwidth".formatted(model);
    if (best.isPresent() && best.get().value > 1) {
      add(
          target,
          "not measured",
          best.get().text("of it") + ": more than the L2 gives, from the L1");
    } else {
      add(target, best, best.isPresent() && best.get().value >= 0.7, "of it");
    }
  }

  /** Why PyTorch's times are not those of the device that ours are of; null where they are. */
  private String elsewhere() {
    JsonNode theirs = results.found("peer").path("device");
    String name = theirs.path("name").asText("an unknown device");
    String ours = results.root().path("device").path("name").asText();
    boolean cuda = theirs.path("type").asText().equals("cuda");
    return cuda && name.equals(ours) ? null : "PyTorch ran elsewhere: device=" + name;
  }

  private void published() {
    String target =
        "pips: 20 times the published PyTorch (eager) for each frame, ours and theirs each in its own"
            + " precision";
    Predicate<Key> pips = promised("pips", POINTS);
    Optional<Found> ours = least(row -> pips.test(Key.of(row)), "p50_ms");
    Optional<Found> theirs = Optional.empty();
    for (JsonNode row : results.rows("peer")) {
      Found found = new Found(Key.of(row), row.path("p50_ms").asDouble(Double.NaN));
      if (row.path("variant").asText().equals("eager") && pips.test(found.key) && found.sound()) {
        theirs = Optional.of(found);
      }
    }
    if (ours.isEmpty() || theirs.isEmpty() || elsewhere() != null) {
      boolean missing = ours.isEmpty() || theirs.isEmpty();
      add(target, "not measured", missing ? MISSING : elsewhere());
      return;
    }
    Found ratio = new Found(ours.get().key, theirs.get().value / ours.get().value);
    String text = ratio.text("times") + ", beside their " + theirs.get().key.precision();
    add(target, ratio.value >= 20 ? "met" : "missed", text);
  }
}
