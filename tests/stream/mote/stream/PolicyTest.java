package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;

/** Frames that come faster than they are tracked. */
class PolicyTest extends StreamFixture {
  /** Sends frame 0, waits until it is being tracked, sends the others, then lets tracking go on. */
  private static Served burst(Policy policy, Row... rows) throws Exception {
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    engines.gate = new Semaphore(0);
    byte[] all = Row.stream(rows);
    int first = Row.stream(rows[0]).length - 8;
    Bytes link =
        new Bytes(all) {
          private int sent;

          @Override
          public int read(ByteBuffer into) {
            if (sent == first) {
              engines.entered.acquireUninterruptibly();
            }
            int limit = into.limit();
            if (sent < first) { // exactly the first frame before the others
              into.limit(Math.min(limit, into.position() + first - sent));
            }
            int count = super.read(into);
            into.limit(limit);
            sent += Math.max(0, count);
            if (sent == all.length) {
              engines.gate.release(rows.length);
            }
            return count;
          }
        };
    try (StreamServer server = server(SMALL.withPolicy(policy), engines)) {
      CompletableFuture<StreamReport> report = server.serve("burst", link);
      if (policy == Policy.EVERY) { // it would wait for ever to have all received
        engines.gate.release(rows.length);
      }
      return new Served(report.get(20, TimeUnit.SECONDS), Answer.all(link.out.toByteArray()));
    }
  }

  private static Row[] frames(int count) {
    Row[] rows = new Row[count];
    for (int i = 0; i < count; i++) {
      rows[i] = Row.picture(i, HEIGHT, WIDTH);
    }
    return rows;
  }

  @Test
  void latestTracksTheNewestAndSaysWhatItDropped() throws Exception {
    Served served = burst(Policy.LATEST, frames(10));
    assertNull(served.report().error());
    assertEquals(List.of(0L, 9L), served.answers().stream().map(Answer::frame).toList());
    assertEquals(List.of(0L, 8L), served.answers().stream().map(Answer::dropped).toList());
    assertEquals(new StreamReport("burst", 2, 8, null), served.report());
  }

  @Test
  void everyTracksAll() throws Exception {
    Served served = burst(Policy.EVERY, frames(10));
    assertEquals(new StreamReport("burst", 10, 0, null), served.report());
    assertEquals(10, served.answers().size());
  }

  /**
   * However slow the engine is: every command is answered, in order; every frame is accounted for.
   */
  @Test
  void latestDropsNoCommand() throws Exception {
    Random random = new Random(1);
    List<Row> rows = new ArrayList<>();
    int commands = 0;
    for (int i = 0; i < 300; i++) {
      boolean command = i == 0 || random.nextInt(4) == 0;
      commands += command ? 1 : 0;
      rows.add(
          command
              ? Row.picture(i, HEIGHT, WIDTH, new Command("move", 0L, 1f, 1f, null))
              : Row.picture(i, HEIGHT, WIDTH));
    }
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    engines.gate = new Semaphore(0);
    Thread opener =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; i < 300; i++) {
                    engines.gate.release();
                    try {
                      Thread.sleep(0, 200_000);
                    } catch (InterruptedException e) {
                      return;
                    }
                  }
                });
    try (StreamServer server = server(SMALL.withPolicy(Policy.LATEST), engines)) {
      Served served = serve(server, Row.stream(rows.toArray(Row[]::new)));
      opener.join();
      long answered = served.answers().stream().filter(a -> a.results() != null).count();
      assertEquals(commands, answered);
      long dropped = served.answers().stream().mapToLong(Answer::dropped).sum();
      assertEquals(dropped, served.report().dropped());
      assertEquals(300, served.report().frames() + dropped);
      assertTrue(dropped > 0, "none was dropped");
      for (Answer answer : served.answers()) {
        Row row = rows.get((int) answer.frame());
        assertEquals(!row.commands().isEmpty(), answer.results() != null);
      }
      assertNotNull(served.answers().get(0).results());
    }
  }

  @Test
  void whatWasDroppedIsSaidEvenAtAnError() throws Exception {
    Row[] rows = frames(6);
    rows[5] = Row.picture(5, 17, 17);
    Served served = burst(Policy.LATEST, rows);
    assertTrue(served.last().error().startsWith("picture is too large: "), served.last().error());
    assertEquals(List.of(0L, 4L, -1L), served.answers().stream().map(Answer::frame).toList());
    assertEquals(3, served.answers().stream().mapToLong(Answer::dropped).sum());
  }
}
