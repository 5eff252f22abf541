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
  private static final String MISSING = "no such row in this run";

  /**
   * A target.
   *
   * @param verdict {@code met}, {@code missed} or {@code not measured}
   * @param measured with its unit and what was measured, or why it was not
   */
  record Target(String target, String verdict, String measured) {}

  /** Of a case, a number that is promised something; not a number is nowhere the best. */
  private record Found(Key key, double value) {
    private static final Comparator<Found> BY_VALUE =
        Comparator.comparing((Found found) -> Double.isNaN(found.value))
            .thenComparingDouble(found -> found.value);
    private static final Comparator<Found> BY_VALUE_DOWN =
        Comparator.comparing((Found found) -> Double.isNaN(found.value))
            .thenComparingDouble(found -> -found.value);
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
      String text =
          "%s %s (%s)".formatted(number(found.get().value), unit, found.get().key.mixer());
      add(target, met ? "met" : "missed", text);
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }

  /** The field of each row of some list. */
  private static List<Found> rows(JsonNode rows, Predicate<Key> which, String field) {
    List<Found> found = new ArrayList<>();
    for (JsonNode row : rows) {
      Key key = Key.of(row);
      if (which.test(key)) {
        found.add(new Found(key, row.path(field).asDouble(Double.NaN)));
      }
    }
    return found;
  }

  private void latency(Predicate<Key> which, String model, int iterations, double limit) {
    Optional<Found> best =
        rows(results.rows("latency"), which, "p99_ms").stream().min(Found.BY_VALUE);
    String target =
        "%s, %dx%d, %d points, %d iterations for each new frame: at most %s ms p99"
            .formatted(model, HEIGHT, WIDTH, POINTS, iterations, limit);
    add(target, best, best.isPresent() && best.get().value <= limit, "ms p99");
  }

  /** The largest number of the cases with our own mixer and 16-bit operands. */
  private Optional<Found> largest(int points, Function<Key, Double> value) {
    Predicate<Key> ours = promised("pips", points).and(Key::half);
    return Key.of(results.rows("kernels"), ours.and(key -> key.gemm().equals("fused"))).stream()
        .map(key -> new Found(key, value.apply(key)))
        .filter(found -> found.value >= 0)
        .min(Found.BY_VALUE_DOWN);
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
      add(target, "not measured", number(best.get().value) + " " + ofPeak() + ELSEWHERE);
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
          share.isEmpty()
              ? MISSING
              : number(share.get().value) + " " + ofPeak() + (met ? "" : "; no cuBLAS path");
      add(target, met ? "met" : "not measured", text);
      return;
    }
    String more =
        share.isEmpty()
            ? ""
            : String.format(Locale.ROOT, ", %.0f %% %s", 100 * share.get().value, ofPeak());
    boolean met = times.get().value >= 2.5 || enough && whole;
    if (!met && enough) {
      add(target, "not measured", number(times.get().value) + " times" + more + ELSEWHERE);
    } else {
      add(target, times, met, "times the cuBLAS path" + more);
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
    Optional<Found> best = found.stream().min(Found.BY_VALUE_DOWN);
    String target =
        "correlation of %s, nothing kept: 70 %% of the L2's measured bandwidth".formatted(model);
    add(target, best, best.isPresent() && best.get().value >= 0.7, "of it");
  }

  private void published() {
    Predicate<Key> pips = promised("pips", POINTS);
    Optional<Found> ours =
        rows(results.rows("latency"), pips, "p50_ms").stream().min(Found.BY_VALUE);
    Optional<Double> theirs = Optional.empty();
    for (JsonNode row : results.rows("peer")) {
      if (row.path("variant").asText().equals("eager") && pips.test(Key.of(row))) {
        theirs = Optional.of(row.path("p50_ms").asDouble(Double.NaN));
      }
    }
    Optional<Found> ratio = Optional.empty();
    if (ours.isPresent() && theirs.isPresent()) {
      ratio = Optional.of(new Found(ours.get().key, theirs.get() / ours.get().value));
    }
    add(
        "pips: 20 times the published PyTorch (eager) for each frame",
        ratio,
        ratio.isPresent() && ratio.get().value >= 20,
        "times");
  }
}
