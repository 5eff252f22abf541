package mote.media;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** A source that a thread of its own reads, opens again where that helps, and keeps in time. */
final class CapturedSource implements LiveSource {
  private static final long LONGEST_PAUSE_NANOS = 20_000_000;

  private final LiveAddress address;
  private final LiveSourceOptions options;
  private final Consumer<String> log;
  private final RgbConverter converter = new RgbConverter();
  private final Timeline timeline = new Timeline();
  private final FrameExchange exchange;
  private final Thread reader;
  private final int height;
  private final int width;
  private volatile boolean closed;

  /** The reader's, once it runs. */
  private FrameInput input;

  private Orientation orientation;
  private long firstArrival;
  private long lastArrival;
  private int failures;
  private long damagedBefore;

  private volatile long received;
  private volatile int reconnects;
  private volatile long damaged;

  CapturedSource(LiveAddress address, LiveSourceOptions options, Consumer<String> log) {
    this.address = address;
    this.options = options;
    this.log = log;
    try {
      openInput();
      if (!input.next()) {
        throw new MoteException(
            "source holds no frame: source=%s; give one with at least one picture"
                .formatted(address.name()));
      }
      orientation = input.orientation();
      AVFrame first = input.frame();
      height = orientation.shownHeight(first.height(), first.width());
      width = orientation.shownWidth(first.height(), first.width());
      exchange = new FrameExchange(options.policy(), height, width);
    } catch (RuntimeException e) {
      closeInput();
      converter.close();
      throw e;
    }
    OpenMedia.add(this);
    reader = Thread.ofPlatform().name("mote-capture").daemon().start(this::readAll);
  }

  private void openInput() {
    input =
        address.kind() == LiveAddress.Kind.FILE
            ? new VideoDecoder(Path.of(address.target()))
            : new StreamInput(address, options, () -> closed);
  }

  private void closeInput() {
    if (input != null) {
      noteDamage();
      damagedBefore = damaged;
      input.close();
      input = null;
    }
  }

  private void noteDamage() {
    if (input instanceof StreamInput stream) {
      damaged = damagedBefore + stream.damaged();
    }
  }

  private void readAll() {
    MoteException failure = null;
    try {
      do {
        deliver();
      } while (!closed && advance());
    } catch (MoteException e) {
      failure = e;
    } catch (RuntimeException | Error e) {
      failure =
          new MoteException(
              "reading a source failed: source=%s, error=%s; please report it"
                  .formatted(address.name(), e),
              e);
    } finally {
      closeInput();
      converter.close();
      exchange.end(failure);
    }
  }

  /** Converts the input's frame and hands it over when its time has come. */
  private void deliver() {
    LiveFrame frame = exchange.free();
    if (frame == null) {
      return;
    }
    boolean filled = false;
    try {
      AVFrame decoded = input.frame();
      int shownHeight = orientation.shownHeight(decoded.height(), decoded.width());
      int shownWidth = orientation.shownWidth(decoded.height(), decoded.width());
      converter.convert(
          decoded, orientation, frame.prepare(shownHeight, shownWidth), address.name());
      long time = timeline.next(input.frameNanos(), input.nominalFrameNanos());
      if (received == 0) {
        firstArrival = System.nanoTime();
      }
      if (isPaced()) {
        waitUntil(firstArrival + time);
      }
      lastArrival = System.nanoTime();
      frame.stamp(received, time, lastArrival);
      filled = true;
    } finally {
      if (filled) {
        exchange.put(frame);
      } else {
        exchange.putBack(frame);
      }
    }
    received++;
    failures = 0;
    noteDamage();
  }

  private boolean isPaced() {
    return !(input instanceof StreamInput stream) || stream.isFiniteSource();
  }

  private void waitUntil(long nanoTime) {
    while (!closed) {
      long left = nanoTime - System.nanoTime();
      if (left <= 0) {
        return;
      }
      LockSupport.parkNanos(Math.min(left, LONGEST_PAUSE_NANOS));
    }
  }

  /** Makes the next frame the input's, opening the source again where it broke off. */
  private boolean advance() {
    String cause;
    try {
      if (input.next()) {
        return true;
      }
      if (closed || !address.reconnects() || isPaced()) {
        return false;
      }
      cause = "the stream ended";
    } catch (MoteException e) {
      if (!address.reconnects()) {
        throw e;
      }
      cause = BrokenOffException.reason(e);
    }
    return comeBack(cause);
  }

  /** Opens the source again and again until it gives a frame; false where nobody wants more. */
  private boolean comeBack(String firstCause) {
    String cause = firstCause;
    while (true) {
      closeInput();
      if (closed) {
        return false;
      }
      if (failures >= options.retries()) {
        throw new MoteException(
            "source is lost: source=%s, attempts=%d, cause=%s; check it and start again"
                .formatted(address.name(), failures, cause));
      }
      long wait = backoffNanos(failures++);
      log.accept(
          "source broke off: source=%s, cause=%s; attempt %d of %d to open it again in %.2f s"
              .formatted(address.name(), cause, failures, options.retries(), wait / 1e9));
      waitUntil(System.nanoTime() + wait);
      if (closed) {
        return false;
      }
      try {
        openInput();
        if (input.next()) {
          orientation = input.orientation();
          long silent = System.nanoTime() - lastArrival;
          timeline.restart(silent - input.nominalFrameNanos());
          reconnects++;
          log.accept("source is back after %.1f s".formatted(silent / 1e9));
          return true;
        }
        cause = "it holds no frame";
      } catch (MoteException e) {
        cause = BrokenOffException.reason(e);
      }
    }
  }

  /** The wait before an attempt, by the attempts that have failed: doubling, up to a limit. */
  private long backoffNanos(int failed) {
    long first = options.backoff().toNanos();
    long longest = Math.max(first, LiveSourceOptions.LONGEST_BACKOFF.toNanos());
    return Math.min(longest, first << Math.min(failed, 16));
  }

  @Override
  public String name() {
    return address.name();
  }

  @Override
  public List<MemorySegment> slabs() {
    return exchange.slabs();
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public LiveFrame next(long waitNanos) {
    return exchange.take(waitNanos);
  }

  @Override
  public boolean isOver() {
    return exchange.isOver();
  }

  @Override
  public long received() {
    return received;
  }

  @Override
  public long dropped() {
    return exchange.dropped();
  }

  @Override
  public int reconnects() {
    return reconnects;
  }

  @Override
  public long damaged() {
    return damaged;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    exchange.stop(); // before the reader's waits end and it delivers once more
    closed = true;
    LockSupport.unpark(reader);
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join(TimeUnit.SECONDS.toMillis(1));
      } catch (InterruptedException e) {
        interrupted = true; // it still must not outlive the memory
      }
    }
    exchange.close();
    OpenMedia.remove(this);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
