package mote.cli.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.cli.bench.Measurement.Figure;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/**
 * Opens backends of a provider and reads the clocks of their stages, also where a tracker opens and
 * closes the backend by itself.
 */
final class StageClock implements BackendProvider {
  private final BackendProvider provider;
  private final Map<String, Long> spent = new LinkedHashMap<>();
  private Backend backend;
  private Map<String, Long> began = Map.of();
  private long frames;

  StageClock(BackendProvider provider) {
    this.provider = provider;
  }

  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public int rank() {
    return provider.rank();
  }

  @Override
  public String unavailable() {
    return provider.unavailable();
  }

  @Override
  public Backend openSingle(Weights weights, Plan plan, Precision precision) {
    return provider.openSingle(weights, plan, precision);
  }

  @Override
  public Backend openFine(Weights weights, Plan plan, Precision precision) {
    return provider.openFine(weights, plan, precision);
  }

  /** The backend is the caller's; its clocks are read here until the next one is opened. */
  @Override
  public Backend open(Weights weights, Plan plan, Precision precision) {
    backend = provider.open(weights, plan, precision);
    return backend;
  }

  /** From here on stages count. */
  void start() {
    began = backend.stages().nanos();
  }

  /**
   * What the stages took since {@link #start} counts, in addition to what did before.
   *
   * @param frames that were encoded since then
   */
  void stop(long frames) {
    this.frames += frames;
    backend
        .stages()
        .nanos()
        .forEach((stage, nanos) -> spent.merge(stage, nanos - began.get(stage), Long::sum));
  }

  /** Seconds a frame of all stages and of each; no row where the backend keeps no clocks. */
  List<Measurement> rows(String name, String precision) {
    if (spent.isEmpty()) {
      return List.of();
    }
    Map<String, Double> stages = new LinkedHashMap<>();
    spent.forEach((stage, nanos) -> stages.put(stage, nanos / 1e9 / frames));
    double all = stages.values().stream().mapToDouble(Double::doubleValue).sum();
    return List.of(
        Measurement.of(name + "-stages", name(), precision, all)
            .with(Figure.STAGES, stages)
            .with(Figure.OUTPUT, "a frame"));
  }
}
