package mote.gpu;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mote.cli.bench.LiveClip;
import mote.engine.profile.Profile;
import mote.engine.profile.Span;

/**
 * What each kernel takes in a frame, between events on its stream, for the cases of the first size.
 * Kernel by kernel the gaps between them are longer than in the replayed graphs that the part
 * {@code latency} measures; the kernels are the same.
 */
final class KernelsPart implements Part {
  private static final int WARM_UP = 10;
  private static final int MOST_FRAMES = 50;

  /**
   * A kernel, or a copy between host and device, in a frame.
   *
   * @param kind {@code kernel} or {@code copy}
   * @param calls for each frame
   * @param micros for each frame, all calls
   * @param share of the frame's kernels and copies
   * @param operations for each frame, by the direct method
   * @param bytes for each frame, each once; of {@code correlate} as if nothing had been kept
   */
  record Row(
      @JsonUnwrapped Key of,
      String kind,
      String kernel,
      double calls,
      double micros,
      double share,
      double operations,
      double bytes) {}

  @Override
  public String name() {
    return "kernels";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    Settings.Size first = settings.sizes().getFirst();
    List<Key> cases =
        LatencyPart.cases(settings, settings.mixers(name(), results)).stream()
            .filter(each -> each.height() == first.height() && each.width() == first.width())
            .toList();
    try (LatencyPart.Clips clips = new LatencyPart.Clips()) {
      return run(settings, results, clips, cases);
    }
  }

  private Outcome run(
      Settings settings, Results results, LatencyPart.Clips clips, List<Key> cases) {
    double deadline = System.nanoTime() / 1e9 + settings.seconds;
    boolean right = true;
    Set<List<Object>> correlated = new HashSet<>(); // no other part of a case matters there
    for (int done = 0; done < cases.size(); done++) {
      double left = deadline - System.nanoTime() / 1e9;
      if (left <= 0) {
        results.add(
            name(),
            "notes",
            "budget is used up: not_measured=%d of %d cases; give more seconds"
                .formatted(cases.size() - done, cases.size()));
        break;
      }
      try {
        Key next = cases.get(done);
        LiveClip clip = clips.of(next);
        measure(settings, next, clip, left / (cases.size() - done), results);
        boolean twice = next.model().equals("mote-m"); // two calls a frame, of two sizes
        if (!twice && correlated.add(List.of(next.model(), next.precision(), next.points()))) {
          int frames = Math.min(MOST_FRAMES, settings.frames);
          results.add(name(), "correlations", Correlation.measure(settings, next, clip, frames));
        }
      } catch (RuntimeException failure) {
        right = false;
        results.add(name(), "errors", cases.get(done) + ": " + failure.getMessage());
        System.out.println("FAILED " + cases.get(done) + ": " + failure.getMessage());
      }
    }
    return right ? Outcome.PASSED : Outcome.FAILED;
  }

  private void measure(Settings settings, Key of, LiveClip clip, double seconds, Results results) {
    Profile profile = new Profile(0);
    int frames = 0;
    try (LatencyPart.Subject subject = LatencyPart.subject(settings, of, clip, profile::of)) {
      long began = System.nanoTime();
      int warm = Math.min(WARM_UP, Math.max(1, settings.frames / WARM_UP));
      for (int i = 0; i < warm; i++) {
        subject.frame();
      }
      profile.start();
      while (frames < Math.min(MOST_FRAMES, settings.frames)
          && (frames < 2 || (System.nanoTime() - began) / 1e9 < seconds)) {
        subject.frame();
        frames++;
      }
      profile.stop();
      subject.check();
    }
    List<Profile.Row> parts =
        profile.rows().stream().filter(row -> row.kind() != Span.Kind.OPERATION).toList();
    double all = parts.stream().mapToDouble(Profile.Row::nanos).sum();
    for (Profile.Row row : parts) {
      results.row(
          name(),
          new Row(
              of,
              row.kind() == Span.Kind.COPY ? "copy" : "kernel",
              row.name(),
              (double) row.calls() / frames,
              row.nanos() / 1e3 / frames,
              row.nanos() / all,
              row.operations() / frames,
              row.bytes() / frames));
    }
    System.out.printf(
        "%-6s %-6s %-8s %dx%d %4d points: %d kernels and copies, %.1f us a frame, of %d frames%n",
        of.model(),
        of.gemm(),
        of.form(),
        of.height(),
        of.width(),
        of.points(),
        parts.size(),
        all / 1e3 / frames,
        frames);
  }
}
