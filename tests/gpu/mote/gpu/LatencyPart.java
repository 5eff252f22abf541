package mote.gpu;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import mote.cli.bench.LiveClip;
import mote.cli.live.Latencies;
import mote.cuda.CudaProvider;
import mote.cuda.Form;
import mote.cuda.Gemm;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Precision;

/**
 * From a frame in host memory to its points in host memory, frame after frame: both models, every
 * size and number of points, first those that targets are stated for. Each case gets its share of
 * the time that is left.
 */
final class LatencyPart implements Part {
  private static final int FEWEST_FRAMES = 3;

  /** Frames before the first that is timed, as a share of those that are. */
  private static final int WARM_UP = 10;

  /**
   * What was found.
   *
   * @param frames that were timed
   * @param checked how right the output was
   */
  record Row(
      @JsonUnwrapped Key of,
      long frames,
      double p50Ms,
      double p95Ms,
      double p99Ms,
      double worstMs,
      String checked) {
    private String line() {
      return "%-6s %-6s %-8s %s %dx%d %4d points: p50 %.3f ms, p95 %.3f, p99 %.3f, worst %.3f of %d frames"
          .formatted(
              of.model(),
              of.gemm(),
              of.form(),
              of.precision(),
              of.height(),
              of.width(),
              of.points(),
              p50Ms,
              p95Ms,
              p99Ms,
              worstMs,
              frames);
    }
  }

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    try (Clips clips = new Clips()) {
      return run(settings, results, clips);
    }
  }

  private Outcome run(Settings settings, Results results, Clips clips) {
    List<Key> cases = cases(settings, settings.mixers(name(), results));
    double deadline = System.nanoTime() / 1e9 + settings.seconds;
    boolean right = true;
    for (int done = 0; done < cases.size(); done++) {
      double left = deadline - System.nanoTime() / 1e9;
      if (left <= 0) {
        String note =
            "budget is used up: not_measured=%d of %d cases; give more seconds"
                .formatted(cases.size() - done, cases.size());
        results.add(name(), "notes", note);
        System.out.println(note);
        break;
      }
      Key next = cases.get(done);
      try {
        Row row = measure(settings, next, clips.of(next), left / (cases.size() - done));
        results.row(name(), row);
        System.out.println(row.line());
      } catch (RuntimeException failure) { // one case's is no reason to lose the others
        right = false;
        results.add(name(), "errors", next + ": " + failure.getMessage());
        System.out.println("FAILED " + next + ": " + failure.getMessage());
      }
    }
    return right ? Outcome.PASSED : Outcome.FAILED;
  }

  /** The first size with all points for each model, then the other sizes. */
  static List<Key> cases(Settings settings, List<MixerForm> mixers) {
    List<Key> cases = new ArrayList<>();
    for (Settings.Size size : settings.sizes()) {
      for (String model : settings.models) {
        for (Precision precision : settings.precisions) {
          for (MixerForm mixer : mixers) {
            if (!mixer.multiplies(precision)) {
              continue;
            }
            for (int points : settings.points) {
              cases.add(
                  new Key(
                      model,
                      mixer.gemm().id(),
                      mixer.form().id(),
                      precision.id(),
                      size.height(),
                      size.width(),
                      points,
                      settings.iterations(model)));
            }
          }
        }
      }
    }
    return cases;
  }

  /** The clip of the last case's size: the next case's, mostly, and seconds to make. */
  static final class Clips implements AutoCloseable {
    private LiveClip clip;

    LiveClip of(Key next) {
      if (clip == null || clip.height() != next.height() || clip.width() != next.width()) {
        close();
        clip = new LiveClip(next.height(), next.width());
      }
      return clip;
    }

    @Override
    public void close() {
      if (clip != null) {
        clip.close();
        clip = null;
      }
    }
  }

  private static Row measure(Settings settings, Key of, LiveClip clip, double seconds) {
    try (Subject subject = subject(settings, of, clip, provider -> provider)) {
      return measure(settings, of, subject, seconds);
    }
  }

  /**
   * The model of a case, opened.
   *
   * @param profiled what is opened in the provider's place
   */
  static Subject subject(
      Settings settings, Key of, LiveClip clip, UnaryOperator<BackendProvider> profiled) {
    BackendProvider provider = profiled.apply(provider(of));
    return switch (of.model()) {
      case "pips" -> new PipsSubject(settings, of, clip, provider);
      case "mote-s", "mote-m" -> new MoteSubject(settings, of, clip, provider);
      default ->
          throw new MoteException(
              "model is unknown: model=" + of.model() + "; give pips, mote-s or mote-m");
    };
  }

  private static Row measure(Settings settings, Key of, Subject subject, double seconds) {
    long began = System.nanoTime();
    for (int i = 0; i < Math.max(1, settings.frames / WARM_UP) && spent(began) < seconds / 4; i++) {
      subject.frame();
    }
    Latencies found = new Latencies();
    while (found.count() < settings.frames
        && (found.count() < FEWEST_FRAMES || spent(began) < seconds)) {
      long start = System.nanoTime();
      subject.frame();
      found.record(System.nanoTime() - start);
    }
    return new Row(
        of,
        found.count(),
        found.percentileMillis(50),
        found.percentileMillis(95),
        found.percentileMillis(99),
        found.worstMillis(),
        subject.check());
  }

  private static double spent(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  /** The provider of a case. */
  static CudaProvider provider(Key of) {
    Gemm gemm = Gemm.valueOf(of.gemm().toUpperCase(Locale.ROOT));
    return new CudaProvider(gemm, Form.valueOf(of.form().toUpperCase(Locale.ROOT)));
  }

  /** A model that takes frame after frame. */
  interface Subject extends AutoCloseable {
    /** The next frame, from its picture in host memory to its points there. */
    void frame();

    /**
     * How right the last frame is, in words.
     *
     * @throws MoteException if it is wrong
     */
    String check();

    @Override
    void close();
  }
}
