package mote.flight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import mote.stream.FakeEngine;
import mote.stream.Policy;
import mote.stream.Row;
import mote.stream.Row.Command;
import mote.stream.StreamOptions;
import mote.stream.StreamReport;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.junit.jupiter.api.Test;

/** Nothing queues over Flight either: java/stream/PROTOCOL.md states the bounds that these hold. */
class FlightBackPressureTest extends FlightFixture {
  private static final int FAR_TOO_MANY = 40;
  private static final Duration HELD_BACK = Duration.ofMillis(500);

  /** In slabs: one is tracked, one was received. */
  private static final int SLABS = 2;

  /** One is handed to the stream server, one waits. */
  private static final int CALL = 2;

  /** What HTTP/2's window takes of frames of a MiB, and what the sender's own gRPC does. */
  private static final int UNDER_WAY = 2;

  @Test
  void everyHoldsTheSenderBack() throws Exception {
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    engines.gate = new Semaphore(0);
    try (Served served = serve(SMALL, engines);
        Peer peer = Peer.open(served.channel)) {
      int sent = peer.flood(frames(FAR_TOO_MANY), HELD_BACK) - 1; // the schema
      assertTrue(sent >= SLABS, "sent=" + sent);
      assertTrue(sent <= SLABS + CALL + UNDER_WAY, "sent=" + sent);
      assertEquals(1, engines.entered.availablePermits());
      engines.gate.release(sent);
      peer.complete();
      assertEquals(Status.Code.OK, peer.end().getCode());
      assertEquals(new StreamReport("flight client 1", sent, 0, null), report());
      assertEquals(1 + sent, peer.answers.size());
    }
  }

  @Test
  void latestTakesAllAndKeepsOne() throws Exception {
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    engines.gate = new Semaphore(0);
    try (Served served = serve(SMALL.withPolicy(Policy.LATEST), engines);
        Peer peer = Peer.open(served.channel)) {
      List<FlightData> frames = frames(FAR_TOO_MANY);
      peer.send(frames.get(0));
      peer.send(frames.get(1));
      assertTrue(engines.entered.tryAcquire(10, TimeUnit.SECONDS));
      List<FlightData> others = frames.subList(2, frames.size());
      assertEquals(others.size(), peer.flood(others, Duration.ofSeconds(10)));
      engines.gate.release(FAR_TOO_MANY);
      peer.complete();
      assertEquals(Status.Code.OK, peer.end().getCode());
      StreamReport report = report();
      assertNull(report.error());
      assertEquals(FAR_TOO_MANY, report.frames() + report.dropped());
      assertTrue(report.frames() <= 1 + SLABS + CALL + UNDER_WAY, report.toString());
      List<FlightData> answers = new ArrayList<>(peer.answers);
      String newest = "\"mote.frame\":\"%d\"".formatted(FAR_TOO_MANY - 1);
      assertTrue(says(answers.get(answers.size() - 1), newest), answers.toString());
    }
  }

  /** An answer of 120 KB to every frame: more than a peer's gRPC takes for it. */
  private static final int MANY_POINTS = 3_000;

  private static List<FlightData> framesWithManyPoints() {
    Command[] adds = new Command[MANY_POINTS];
    Arrays.fill(adds, Command.add(0, 0));
    Row[] rows = new Row[FAR_TOO_MANY];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Row.picture(i, 1, 1, i == 0 ? adds : new Command[0]);
    }
    return Peer.messages(rows);
  }

  /** One is being written by the stream server, one waits in the call, one is in gRPC. */
  private static final int ANSWERS = 3;

  @Test
  void aPeerThatReadsNothingIsCutOff() throws Exception {
    FakeEngine.Shared engines = new FakeEngine.Shared(MANY_POINTS);
    try (Served served =
            serve(SMALL.withPoints(MANY_POINTS).withTimeout(Duration.ofSeconds(1)), engines);
        Peer deaf = Peer.deaf(served.channel)) {
      deaf.flood(framesWithManyPoints(), HELD_BACK);
      assertCutOff(report());
      deaf.listen();
      assertEquals(
          "DEADLINE_EXCEEDED: answers are not read: timeout_seconds=1.0; read them as they come",
          deaf.end().getCode() + ": " + deaf.end().getDescription());
      assertTrue(deaf.answers.size() <= 1 + ANSWERS, "answers=" + deaf.answers.size());
    }
    assertEquals(0, engines.open.get());
  }

  /** What such calls leave unread stays in gRPC: so there is an end to them in a connection. */
  @Test
  void callsOfAConnectionThatReadsNothingAreLimited() throws Exception {
    StreamOptions options =
        SMALL.withConnections(1).withPoints(MANY_POINTS).withTimeout(Duration.ofMillis(500));
    List<FlightData> frames = framesWithManyPoints().subList(0, 1 + ANSWERS);
    try (Served served = serve(options, new FakeEngine.Shared(MANY_POINTS))) {
      for (int i = 0; i < options.connections() + FlightService.MORE_CALLS; i++) {
        frames.forEach(Peer.deaf(served.channel)::send);
        assertCutOff(report());
      }
      frames.forEach(Peer.deaf(served.channel)::send);
      assertNull(reports.poll(1, TimeUnit.SECONDS), "one more was served");
    }
  }

  /** By the call or by the stream server behind it, whichever looks first. */
  private static void assertCutOff(StreamReport report) {
    assertTrue(
        report.error().startsWith("connection was lost: peer=")
            || report.error().startsWith("peer does not take its answers: seconds="),
        report.toString());
    assertTrue(report.frames() <= ANSWERS, report.toString());
  }
}
