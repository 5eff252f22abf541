package mote.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.engine.profile.Span;

/** The stages of {@link CoarseToFine}: the coarse tracker's, but for templates and clocks. */
final class CoarseToFineStages implements Backend.Stages {
  private final int templateSize;
  private final Arguments arguments;
  private final Backend.Stages coarse;
  private final Backend.Stages fine;

  CoarseToFineStages(
      Architecture architecture, Arguments arguments, Backend.Stages coarse, Backend.Stages fine) {
    templateSize = architecture.templateSize();
    this.arguments = arguments;
    this.coarse = coarse;
    this.fine = fine;
  }

  @Override
  public void features(int slot, int level, float[] out) {
    coarse.features(slot, level, out);
  }

  /** The coarse tracker's, then the fine one's. */
  @Override
  public void template(int template, float[] out) {
    arguments.template(template, out);
    int size = templateSize / 2;
    coarse.template(template, out);
    float[] second = new float[size];
    fine.template(template, second);
    System.arraycopy(second, 0, out, size, size);
  }

  @Override
  public void correlate(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    coarse.correlate(slots, count, templates, xy, state, out);
  }

  @Override
  public void mixerInput(
      int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out) {
    coarse.mixerInput(slots, count, templates, xy, state, out);
  }

  @Override
  public void mixer(int count, float[] in, float[] out) {
    coarse.mixer(count, in, out);
  }

  /** Of both, the fine tracker's with {@code fine} before their names. */
  @Override
  public Map<String, Long> nanos() {
    Map<String, Long> nanos = new LinkedHashMap<>(coarse.nanos());
    fine.nanos().forEach((stage, spent) -> nanos.put("fine " + stage, spent));
    return nanos;
  }

  @Override
  public void record(boolean on) {
    coarse.record(on);
    fine.record(on);
  }

  @Override
  public void push(String range) {
    coarse.push(range);
  }

  @Override
  public void pop() {
    coarse.pop();
  }

  @Override
  public String ranges() {
    return coarse.ranges();
  }

  @Override
  public List<Span> take() {
    List<Span> spans = new ArrayList<>(coarse.take());
    spans.addAll(fine.take());
    return spans;
  }
}
