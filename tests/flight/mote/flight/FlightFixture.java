package mote.flight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mote.engine.OpenResources;
import mote.stream.FakeEngine;
import mote.stream.ListenAddress;
import mote.stream.Row;
import mote.stream.StreamOptions;
import mote.stream.StreamReport;
import mote.stream.StreamServer;
import mote.stream.StreamTransport;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.junit.jupiter.api.AfterEach;

/** A server over Flight, with a connection to it. */
abstract class FlightFixture {
  /** Frames of a MiB. */
  static final int HEIGHT = 512;

  static final int WIDTH = 683;

  static final StreamOptions SMALL =
      StreamOptions.DEFAULT.withPoints(5).withConnections(2).withLargestFrame(HEIGHT, WIDTH);

  final BlockingQueue<StreamReport> reports = new LinkedBlockingQueue<>();

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open(), "open resources");
  }

  /** In the order in which they are closed. */
  static final class Served implements AutoCloseable {
    private final FakeEngine.Shared engines;
    private final StreamServer streams;
    private final StreamTransport.Listening listening;
    final ListenAddress address;
    final ManagedChannel channel;

    Served(StreamOptions options, FakeEngine.Shared engines, BlockingQueue<StreamReport> reports) {
      this.engines = engines;
      streams = new StreamServer(options, "fake", engines, reports::add);
      listening =
          StreamTransport.of("grpc").listen(streams, options, ListenAddress.parse("tcp://:0"));
      address = listening.address();
      channel = Peer.channel(address);
    }

    @Override
    public void close() {
      if (engines.gate != null) { // also where a test failed
        engines.gate.release(1 << 20);
      }
      Peer.close(channel);
      streams.close();
      listening.close();
    }
  }

  Served serve(StreamOptions options, FakeEngine.Shared engines) {
    return new Served(options, engines, reports);
  }

  StreamReport report() throws InterruptedException {
    StreamReport report = reports.poll(10, TimeUnit.SECONDS);
    assertNotNull(report, "no report");
    return report;
  }

  /** The schema and frames 0, 1, 2, ... */
  static List<FlightData> frames(int count) {
    Row[] rows = new Row[count];
    for (int i = 0; i < count; i++) {
      rows[i] = Row.picture(i, HEIGHT, WIDTH);
    }
    return Peer.messages(rows);
  }

  /** A text of an answer's {@code app_metadata} that is there as it stands. */
  static boolean says(FlightData answer, String text) {
    return answer.getAppMetadata().toStringUtf8().contains(text);
  }

  void assertServed(ManagedChannel channel) throws Exception {
    try (Peer peer = Peer.open(channel)) {
      for (FlightData message : frames(2)) {
        peer.send(message);
      }
      peer.complete();
      assertEquals(Status.Code.OK, peer.end().getCode());
      assertEquals(3, peer.answers.size());
    }
    assertEquals(2, report().frames());
  }
}
