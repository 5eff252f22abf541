package mote.cli.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import mote.cli.bench.Measurement.Figure;
import mote.cli.live.Latencies;
import mote.engine.MoteException;
import mote.stream.ListenAddress;
import mote.stream.StreamOptions;
import mote.stream.StreamServer;

/**
 * What a connection adds to a frame: from when it is due, and its first byte is sent, until the
 * last byte of its answer is read, with an engine that does nothing. Frames are due by the clock:
 * one that is late makes the next ones late, and they are counted so.
 */
final class StreamCase {
  private static final int HEIGHT = 480;
  private static final int WIDTH = 640;
  private static final int VERIFIED = 300;

  private final int points;
  private final double rate;
  private final double seconds;
  private final double warmUp;

  StreamCase(int points, double rate, double seconds, double warmUp) {
    this.points = points;
    this.rate = rate;
    this.seconds = seconds;
    this.warmUp = warmUp;
  }

  /** Measures; the row is that of java/cli/JSON.md. */
  Measurement run(ListenAddress where) {
    StreamOptions options = StreamOptions.DEFAULT.withPoints(points).withConnections(1);
    try (StreamServer server =
        new StreamServer(
            options, "null", (height, width) -> new NullEngine(points), report -> {})) {
      ListenAddress address = server.listen(where);
      try (StreamPeer peer = new StreamPeer(address, HEIGHT, WIDTH)) {
        return measure(peer, address.path() == null ? "tcp" : "unix");
      }
    } catch (IOException e) {
      throw new MoteException(
          "stream cannot be measured: address=%s, error=%s; see whether a firewall is in the way"
              .formatted(where, e.getMessage()),
          e);
    }
  }

  private Measurement measure(StreamPeer peer, String transport) throws IOException {
    for (int i = 0; i < VERIFIED; i++) {
      peer.push();
      peer.verify(points);
    }
    Latencies latencies = new Latencies();
    paced(peer, warmUp, new Latencies());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getTotalThreadAllocatedBytes();
    paced(peer, seconds, latencies);
    long allocated = threads.getTotalThreadAllocatedBytes() - before;
    peer.verify(points);
    return Measurement.of("stream-%dx%d-%s".formatted(WIDTH, HEIGHT, transport), "none", "none")
        .with(Figure.POINTS, points)
        .with(Figure.FRAMES, latencies.count())
        .with(Figure.P50_MS, latencies.percentileMillis(50))
        .with(Figure.P95_MS, latencies.percentileMillis(95))
        .with(Figure.P99_MS, latencies.percentileMillis(99))
        .with(Figure.P999_MS, latencies.percentileMillis(99.9))
        .with(Figure.WORST_MS, latencies.worstMillis())
        .with(Figure.BYTES_PER_FRAME, (double) allocated / latencies.count())
        .with(
            Figure.OUTPUT,
            "verified: frame, identities and positions of %d answers".formatted(VERIFIED));
  }

  private void paced(StreamPeer peer, double duration, Latencies latencies) throws IOException {
    long interval = Math.round(1e9 / rate);
    long count = Math.max(1, Math.round(duration * rate));
    long due = System.nanoTime() + interval;
    for (long i = 0; i < count; i++, due += interval) {
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        if (due - now > 200_000) { // waking up late would be the machine's delay, not the stream's
          LockSupport.parkNanos(due - now - 150_000);
        } else {
          Thread.onSpinWait();
        }
      }
      peer.push();
      latencies.record(System.nanoTime() - due);
    }
  }
}
