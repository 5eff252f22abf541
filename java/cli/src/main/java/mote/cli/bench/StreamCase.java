package mote.cli.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
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

  /** Something to measure. */
  @FunctionalInterface
  private interface Push {
    void run() throws IOException;
  }

  /** Measures; the rows are those of java/cli/JSON.md. */
  List<Measurement> run(ListenAddress where) {
    StreamOptions options = StreamOptions.DEFAULT.withPoints(points).withConnections(1);
    try (StreamServer server =
        new StreamServer(
            options, "null", (height, width) -> new NullEngine(points), report -> {})) {
      ListenAddress address = server.listen(where);
      Path bare = address.path() == null ? null : address.path().resolveSibling("bare");
      try (StreamPeer peer = new StreamPeer(address, HEIGHT, WIDTH)) {
        for (int i = 0; i < VERIFIED; i++) {
          peer.push();
          peer.verify(points);
        }
        try (BarePeer floor = new BarePeer(bare, peer.requestBytes(), peer.answerBytes())) {
          return measure(peer, floor, bare == null ? "tcp" : "unix");
        }
      }
    } catch (IOException e) {
      throw new MoteException(
          "stream cannot be measured: address=%s, error=%s; see whether a firewall is in the way"
              .formatted(where, e.getMessage()),
          e);
    }
  }

  /** In turn, so that both meet the same machine. */
  private List<Measurement> measure(StreamPeer peer, BarePeer floor, String transport)
      throws IOException {
    Latencies streamed = new Latencies();
    Latencies bare = new Latencies();
    paced(warmUp, peer::push, new Latencies(), floor::push, new Latencies());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getTotalThreadAllocatedBytes();
    paced(seconds, peer::push, streamed, floor::push, bare);
    long allocated = threads.getTotalThreadAllocatedBytes() - before;
    peer.verify(points);
    return List.of(
        row("stream", transport, streamed)
            .with(Figure.BYTES_PER_FRAME, (double) allocated / streamed.count())
            .with(
                Figure.OUTPUT,
                "verified: frame, identities and positions of %d answers".formatted(VERIFIED)),
        row("bare", transport, bare)
            .with(Figure.OUTPUT, "as many bytes through a socket and one thread"));
  }

  private Measurement row(String what, String transport, Latencies latencies) {
    return Measurement.of("%s-%dx%d-%s".formatted(what, WIDTH, HEIGHT, transport), "none", "none")
        .with(Figure.POINTS, points)
        .with(Figure.FRAMES, latencies.count())
        .with(Figure.P50_MS, latencies.percentileMillis(50))
        .with(Figure.P95_MS, latencies.percentileMillis(95))
        .with(Figure.P99_MS, latencies.percentileMillis(99))
        .with(Figure.P999_MS, latencies.percentileMillis(99.9))
        .with(Figure.WORST_MS, latencies.worstMillis());
  }

  /** The two in turn, each {@link #rate} times a second. */
  private void paced(
      double duration, Push first, Latencies ofFirst, Push second, Latencies ofSecond)
      throws IOException {
    long interval = Math.round(1e9 / rate / 2);
    long count = Math.max(1, Math.round(duration * rate));
    long due = System.nanoTime() + interval;
    for (long i = 0; i < count; i++) {
      paced(due, first, ofFirst);
      paced(due + interval, second, ofSecond);
      due += 2 * interval;
    }
  }

  private static void paced(long due, Push push, Latencies latencies) throws IOException {
    for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
      if (due - now > 200_000) { // waking up late would be the machine's delay, not the stream's
        LockSupport.parkNanos(due - now - 150_000);
      } else {
        Thread.onSpinWait();
      }
    }
    push.run();
    latencies.record(System.nanoTime() - due);
  }
}
