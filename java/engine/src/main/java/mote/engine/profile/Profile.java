package mote.engine.profile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/**
 * Where the time of backends goes: by operation of the contract, and inside of them by stage or
 * kernel. Backends that {@link #of} opens say what they do between {@link #start} and {@link
 * #stop}; others, and all before and after, are not touched: what is not profiled runs as if there
 * were no profiler.
 *
 * <pre>{@code
 * Profile profile = new Profile(0);
 * try (Backend backend = profile.of(provider).open(weights, plan, precision)) {
 *   // warm up, then:
 *   profile.start();
 *   backend.encode(...);
 *   backend.refine(...);
 *   profile.stop();
 *   profile.rows().forEach(System.out::println);
 * }
 * }</pre>
 *
 * <p>While it runs, the CUDA engine launches kernel by kernel with an event before and behind each,
 * not as graphs, and every operation waits until it is done: kernels take what they take, the gaps
 * between them are longer, and nothing overlaps. One thread at a time uses a profile and its
 * backends.
 */
public final class Profile {
  /**
   * All spans of a name together.
   *
   * @param name of the operation, stage or kernel
   * @param calls how many there were
   * @param nanos their time; parts that ran at once on several lanes count once
   * @param operations as {@link Work} has them
   * @param bytes as {@link Work} has them
   */
  public record Row(
      Span.Kind kind, String name, long calls, long nanos, double operations, double bytes) {
    /** Billions of operations a second; 0 where none are counted. */
    public double gflops() {
      return nanos == 0 ? 0 : operations / nanos;
    }

    /** Billions of bytes a second. */
    public double gigabytesPerSecond() {
      return nanos == 0 ? 0 : bytes / nanos;
    }
  }

  private static final class Sum {
    private long calls;
    private double nanos;
    private Work work = Work.NONE;

    void add(Span span) {
      calls++;
      nanos += (double) span.nanos() / span.lanes();
      work = work.plus(span.work());
    }

    Row row(Span.Kind kind, String name) {
      return new Row(kind, name, calls, Math.round(nanos), work.operations(), work.bytes());
    }
  }

  private record Key(Span.Kind kind, String name) {}

  private final int most;
  private final Map<Key, Sum> sums = new LinkedHashMap<>();
  private final List<Span> spans = new ArrayList<>();
  private final List<ProfiledBackend> backends = new ArrayList<>();
  private String description;
  private Precision precision;
  private String ranges;
  private long dropped;
  private boolean running;

  /**
   * @param most spans that are kept one by one for {@link #spans}; the rows count all
   */
  public Profile(int most) {
    this.most = most;
  }

  /** Opens backends of a provider that say what they do. */
  public BackendProvider of(BackendProvider provider) {
    return new ProfiledProvider(provider);
  }

  /** From here on it counts. */
  public void start() {
    running = true;
    backends.forEach(ProfiledBackend::start);
  }

  /** What began until here counts, and nothing from here on. */
  public void stop() {
    backends.forEach(ProfiledBackend::stop);
    running = false;
  }

  boolean running() {
    return running;
  }

  void opened(ProfiledBackend backend, boolean fine) {
    backends.add(backend);
    Plan plan = backend.plan();
    description =
        fine
            ? "%s; a fine tracker at %dx%d behind it"
                .formatted(description, plan.width(), plan.height())
            : backend.description();
    precision = backend.precision();
    ranges = backend.stages().ranges();
  }

  /** What the last backend said of itself; null before the first. */
  public String description() {
    return description;
  }

  /** Who took ranges of the last backend, as {@link mote.engine.Backend.Stages#ranges}. */
  public String ranges() {
    return ranges;
  }

  /** What the last backend ran in; null before the first. */
  public Precision precision() {
    return precision;
  }

  void closed(ProfiledBackend backend) {
    backends.remove(backend);
  }

  /** Counts a span; {@link Events} are told. */
  void add(Span span) {
    sums.computeIfAbsent(new Key(span.kind(), span.name()), first -> new Sum()).add(span);
    if (spans.size() < most) {
      spans.add(span);
    } else {
      dropped++;
    }
    Events.tell(span);
  }

  /** By kind and name, in the order of the kinds and of first appearance. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Span.Kind kind : Span.Kind.values()) {
      sums.forEach(
          (key, sum) -> {
            if (key.kind == kind) {
              rows.add(sum.row(kind, key.name));
            }
          });
    }
    return rows;
  }

  /** The first spans, one by one, in the order in which they became known. */
  public List<Span> spans() {
    return List.copyOf(spans);
  }

  /** Spans that the rows count and {@link #spans} lacks. */
  public long dropped() {
    return dropped;
  }

  private final class ProfiledProvider implements BackendProvider {
    private final BackendProvider provider;

    ProfiledProvider(BackendProvider provider) {
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
    public Peaks peaks(Precision precision) {
      return provider.peaks(precision);
    }

    @Override
    public Backend openSingle(Weights weights, Plan plan, Precision precision) {
      return new ProfiledBackend(
          provider.openSingle(weights, plan, precision), Profile.this, false);
    }

    @Override
    public Backend openFine(Weights weights, Plan plan, Precision precision) {
      return new ProfiledBackend(provider.openFine(weights, plan, precision), Profile.this, true);
    }
  }
}
