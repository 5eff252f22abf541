package mote.cli.bench;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * One row of {@code mote bench}, as java/cli/JSON.md describes it.
 *
 * @param name the case's id, {@code case} in JSON
 * @param backend that ran
 * @param precision that ran
 * @param figures what was measured; the rest is left out of the JSON
 */
record Measurement(
    @JsonProperty("case") String name,
    String backend,
    String precision,
    @JsonAnyGetter Map<Figure, Object> figures) {

  /** What can be measured, in the order of the JSON. */
  enum Figure {
    /** Points that were tracked at once. */
    @JsonProperty("points")
    POINTS,
    /** Processors that were kept from falling asleep. */
    @JsonProperty("awake")
    AWAKE,
    /** Frames that were due in a live run. */
    @JsonProperty("frames")
    FRAMES,
    /** Frames of these that were left out because a newer one was there. */
    @JsonProperty("dropped")
    DROPPED,
    /** Latency of a frame that half of all frames do not exceed, and so on. */
    @JsonProperty("p50_ms")
    P50_MS,
    @JsonProperty("p95_ms")
    P95_MS,
    @JsonProperty("p99_ms")
    P99_MS,
    @JsonProperty("p999_ms")
    P999_MS,
    @JsonProperty("worst_ms")
    WORST_MS,
    /** Threads of the arithmetic that the machine did on the same clock in place of the case. */
    @JsonProperty("host_threads")
    HOST_THREADS,
    /** Median time of that arithmetic itself. */
    @JsonProperty("host_work_ms")
    HOST_WORK_MS,
    /** Its latency, as the case's own. */
    @JsonProperty("host_p50_ms")
    HOST_P50_MS,
    @JsonProperty("host_p99_ms")
    HOST_P99_MS,
    @JsonProperty("host_worst_ms")
    HOST_WORST_MS,
    /** Median time of what the case says. */
    @JsonProperty("seconds")
    SECONDS,
    /** Operations of the direct method. */
    @JsonProperty("gflop")
    GFLOP,
    /** gflop / seconds over the multiply-add peak of the same run. */
    @JsonProperty("share_of_peak")
    SHARE_OF_PEAK,
    /** Median time of the fastest variant of the published code. */
    @JsonProperty("peer_seconds")
    PEER_SECONDS,
    /** Median times of all its variants, by their ids. */
    @JsonProperty("peers")
    PEERS,
    /** Through the whole pipeline. */
    @JsonProperty("frames_per_second")
    FRAMES_PER_SECOND,
    /** Largest distance from a straight line, as a share of the time. */
    @JsonProperty("deviation")
    DEVIATION,
    /** Peak resident memory. */
    @JsonProperty("bytes")
    BYTES,
    /** Java heap that all threads together allocated for a frame. */
    @JsonProperty("bytes_per_frame")
    BYTES_PER_FRAME,
    /** Seconds a frame in each stage of the model, by the stages' names. */
    @JsonProperty("stages")
    STAGES,
    /** 99th percentile of each stage's time in a frame, by the stages' names. */
    @JsonProperty("stage_p99_ms")
    STAGE_P99_MS,
    /** Moments in which the JVM stood still, by the names of its operations. */
    @JsonProperty("pauses")
    PAUSES,
    /** What was verified before timing, or what else there is to say. */
    @JsonProperty("output")
    OUTPUT
  }

  static Measurement of(String name, String backend, String precision) {
    return new Measurement(name, backend, precision, Map.of());
  }

  static Measurement of(String name, String backend, String precision, double seconds) {
    return of(name, backend, precision).with(Figure.SECONDS, seconds);
  }

  /** The same row with one figure more. */
  Measurement with(Figure figure, Object value) {
    Map<Figure, Object> more = new EnumMap<>(Figure.class);
    more.putAll(figures);
    more.put(figure, value);
    return new Measurement(name, backend, precision, Collections.unmodifiableMap(more));
  }

  /**
   * @param peak multiply-add peak in GFLOP/s, 0 where it is not known
   */
  Measurement withWork(double operations, double peak) {
    double giga = operations / 1e9;
    Measurement row = with(Figure.GFLOP, giga);
    return peak > 0 ? row.with(Figure.SHARE_OF_PEAK, giga / number(Figure.SECONDS) / peak) : row;
  }

  Measurement withPeers(Map<String, Double> variants) {
    return variants.isEmpty()
        ? this
        : with(Figure.PEER_SECONDS, Collections.min(variants.values()))
            .with(Figure.PEERS, variants);
  }

  /** A figure that is a number, null where it was not measured. */
  Double number(Figure figure) {
    return figures.get(figure) instanceof Number value ? value.doubleValue() : null;
  }
}
