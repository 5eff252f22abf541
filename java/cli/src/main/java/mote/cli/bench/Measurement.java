package mote.cli.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * One row of {@code mote bench}; what was not measured is null and left out of the JSON
 * (java/cli/JSON.md).
 *
 * @param name the case's id, {@code case} in JSON
 * @param backend that ran
 * @param precision that ran
 * @param seconds median time of what the case says
 * @param gflop operations of the direct method
 * @param shareOfPeak gflop / seconds over the multiply-add peak of the same run
 * @param peerSeconds median time of the fastest variant of the published code
 * @param peers median times of all its variants
 * @param framesPerSecond through the whole pipeline
 * @param deviation largest distance from a straight line, as a share of the time
 * @param bytes peak resident memory
 * @param output what was verified before timing, or what else there is to say
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Measurement(
    @JsonProperty("case") String name,
    String backend,
    String precision,
    Double seconds,
    Double gflop,
    Double shareOfPeak,
    Double peerSeconds,
    Map<String, Double> peers,
    Double framesPerSecond,
    Double deviation,
    Long bytes,
    String output) {

  static Measurement of(String name, String backend, String precision, double seconds) {
    return new Measurement(
        name, backend, precision, seconds, null, null, null, null, null, null, null, null);
  }

  static Measurement ofMemory(String name, String backend, String precision, long bytes) {
    return new Measurement(
        name, backend, precision, null, null, null, null, null, null, null, bytes, null);
  }

  /**
   * @param peak multiply-add peak in GFLOP/s, 0 where it is not known
   */
  Measurement withWork(double operations, double peak) {
    double giga = operations / 1e9;
    Double share = peak > 0 ? giga / seconds / peak : null;
    return new Measurement(
        name,
        backend,
        precision,
        seconds,
        giga,
        share,
        peerSeconds,
        peers,
        framesPerSecond,
        deviation,
        bytes,
        output);
  }

  Measurement withPeers(Map<String, Double> variants) {
    if (variants.isEmpty()) {
      return this;
    }
    double fastest =
        variants.values().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    return new Measurement(
        name,
        backend,
        precision,
        seconds,
        gflop,
        shareOfPeak,
        fastest,
        variants,
        framesPerSecond,
        deviation,
        bytes,
        output);
  }

  Measurement withFramesPerSecond(double value) {
    return new Measurement(
        name,
        backend,
        precision,
        seconds,
        gflop,
        shareOfPeak,
        peerSeconds,
        peers,
        value,
        deviation,
        bytes,
        output);
  }

  Measurement withDeviation(double value) {
    return new Measurement(
        name,
        backend,
        precision,
        seconds,
        gflop,
        shareOfPeak,
        peerSeconds,
        peers,
        framesPerSecond,
        value,
        bytes,
        output);
  }

  Measurement withOutput(String text) {
    return new Measurement(
        name,
        backend,
        precision,
        seconds,
        gflop,
        shareOfPeak,
        peerSeconds,
        peers,
        framesPerSecond,
        deviation,
        bytes,
        text);
  }
}
