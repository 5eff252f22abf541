package mote.engine.profile;

import java.lang.foreign.MemorySegment;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.Plan;
import mote.engine.Precision;

/** A backend whose operations are told to a {@link Profile}. */
final class ProfiledBackend implements Backend {
  private final Backend backend;
  private final Profile profile;
  private final Costs costs;

  /** What the names of all that it does begin with. */
  private final String prefix;

  private boolean open;
  private boolean closed;

  /**
   * @param backend is closed with this
   * @param fine whether it is the fine tracker of a model with two
   */
  ProfiledBackend(Backend backend, Profile profile, boolean fine) {
    this.backend = backend;
    this.profile = profile;
    prefix = fine ? "fine " : "";
    int operandBytes = backend.precision() == Precision.F32 ? Float.BYTES : Short.BYTES;
    costs = new Costs(backend.architecture(), backend.plan(), operandBytes);
    profile.opened(this, fine);
    if (profile.running()) {
      start();
    }
  }

  void start() {
    backend.stages().record(true);
  }

  void stop() {
    take();
    backend.stages().record(false);
  }

  private void take() {
    backend.stages().take().forEach(this::add);
  }

  private void add(Span span) {
    profile.add(prefix.isEmpty() ? span : span.named(prefix + span.name()));
  }

  /** An operation that goes on; null while nothing is profiled. */
  private Operation begin(String name, int points) {
    if (!profile.running()) {
      return null;
    }
    if (open) { // it failed
      backend.stages().pop();
    }
    open = true;
    return new Operation(name, points);
  }

  private final class Operation {
    private final String name;
    private final int points;
    private final OperationEvent event = new OperationEvent();
    private final long began;

    Operation(String name, int points) {
      this.name = name;
      this.points = points;
      backend.stages().push(prefix + name);
      event.begin();
      began = System.nanoTime();
    }

    void end(Work work, int iterations) {
      long nanos = System.nanoTime() - began;
      event.end();
      backend.stages().pop();
      open = false;
      if (event.shouldCommit()) {
        event.operation = name;
        event.backend = backend.name();
        event.points = points;
        event.iterations = iterations;
        event.commit();
      }
      String detail = points == 0 ? "" : points + (points == 1 ? " point" : " points");
      if (iterations > 0) {
        detail += ", " + iterations + (iterations == 1 ? " iteration" : " iterations");
      }
      add(new Span(Span.Kind.OPERATION, name, "calls", began, nanos, 1, work, detail));
    }
  }

  @Override
  public void encode(int slot, MemorySegment picture, long rowStrideBytes) {
    Operation operation = begin("encode", 0);
    backend.encode(slot, picture, rowStrideBytes);
    if (operation != null) {
      List<Span> parts = backend.stages().take(); // on a device: waits until it is done
      operation.end(costs.encode(), 0);
      parts.forEach(this::add);
    }
  }

  @Override
  public Pin pin(MemorySegment memory) {
    return backend.pin(memory);
  }

  @Override
  public void awaitPictures() {
    backend.awaitPictures();
  }

  @Override
  public void sample(int slot, int count, int[] templates, float[] xy) {
    Operation operation = begin("sample", count);
    backend.sample(slot, count, templates, xy);
    if (operation != null) {
      operation.end(costs.sample(count), 0);
      take();
    }
  }

  @Override
  public void restore(int count, int[] templates, float[] values) {
    Operation operation = begin("restore", count);
    backend.restore(count, templates, values);
    if (operation != null) {
      double bytes = 2.0 * Float.BYTES * count * architecture().templateSize();
      operation.end(new Work(0, bytes), 0);
      take();
    }
  }

  @Override
  public void match(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    Operation operation = begin("match", count);
    backend.match(slot, count, templates, xy, similarity);
    if (operation != null) {
      operation.end(costs.match(count), 0);
      take();
    }
  }

  @Override
  public void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity) {
    Operation operation = begin("similarity", count);
    backend.similarity(slot, count, templates, xy, similarity);
    if (operation != null) {
      operation.end(costs.similarity(count), 0);
      take();
    }
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
    Operation operation = begin("refine", count);
    int most =
        backend.refine(
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
    if (operation != null) {
      Work work = costs.iteration(count).times(most).plus(costs.visibility(count));
      operation.end(compared < 0 ? work : work.plus(costs.similarity(count)), most);
      take();
    }
    return most;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public Architecture architecture() {
    return backend.architecture();
  }

  @Override
  public Plan plan() {
    return backend.plan();
  }

  @Override
  public Precision precision() {
    return backend.precision();
  }

  @Override
  public long bytes() {
    return backend.bytes();
  }

  @Override
  public Stages stages() {
    return backend.stages();
  }

  @Override
  public void close() {
    try {
      if (!closed && profile.running()) {
        take();
      }
    } finally {
      closed = true;
      profile.closed(this);
      backend.close();
    }
  }
}
