package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers over real sockets, good and bad ones side by side. */
class SocketTest extends SocketFixture {
  @ParameterizedTest
  @ValueSource(strings = {"tcp://127.0.0.1:0", "tcp://[::1]:0", "tcp://localhost:0", "unix:"})
  void servesOneAfterAnother(String where) throws Exception {
    ListenAddress wanted =
        ListenAddress.parse(where.equals("unix:") ? where + folder.resolve("s") : where);
    try (StreamServer server = open(SMALL.withConnections(1))) {
      ListenAddress address = server.listen(wanted);
      for (int i = 0; i < 20; i++) {
        assertServedWhenFree(address);
      }
    }
    assertEquals(0, engines.open.get());
    assertFalse(Files.exists(folder.resolve("s")));
  }

  /** The last peer hears its end a moment before its place is free. */
  private void assertServedWhenFree(ListenAddress address) throws Exception {
    for (int i = 0; i < 200; i++) {
      var answers = Answer.all(answered(address));
      if (answers.size() == 2) {
        assertNull(report().error());
        return;
      }
      assertEquals("server is full: connections=1; try again later", answers.get(0).error());
      Thread.sleep(10);
    }
    throw new AssertionError("never free");
  }

  /** Those who come while eight others are still being told are cut off without a word. */
  private static byte[] answered(ListenAddress address) throws Exception {
    for (int i = 0; i < 200; i++) {
      try (SocketChannel socket = connect(address)) {
        send(socket, STREAM);
        byte[] answer = readAll(socket);
        if (answer.length > 0) {
          return answer;
        }
      } catch (IOException cutOff) {
        // while it was sending
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never told anything");
  }

  @Test
  void moreThanTheLimitAreRefusedAndTheOthersLiveOn() throws Exception {
    try (StreamServer server = open(SMALL)) {
      ListenAddress address = server.listen(LOOPBACK);
      try (SocketChannel first = connect(address);
          SocketChannel second = connect(address)) {
        send(first, Arrays.copyOf(STREAM, STREAM.length - 8));
        send(second, Arrays.copyOf(STREAM, STREAM.length - 8));
        for (int i = 0; i < 30; i++) {
          assertEquals(
              "server is full: connections=2; try again later",
              Answer.all(answered(address)).get(0).error());
        }
        send(first, Arrays.copyOfRange(STREAM, STREAM.length - 8, STREAM.length));
        assertEquals(2, Answer.all(readAll(first)).size());
        send(second, Arrays.copyOfRange(STREAM, STREAM.length - 8, STREAM.length));
        assertEquals(2, Answer.all(readAll(second)).size());
      }
    }
  }

  @Test
  void silenceEndsAConnectionAndNoOther() throws Exception {
    String message =
        "peer is silent: seconds=0.4; send a whole message in that time, an empty one will do";
    try (StreamServer server = open(SMALL.withTimeout(Duration.ofMillis(400)))) {
      ListenAddress address = server.listen(LOOPBACK);
      try (SocketChannel silent = connect(address)) {
        assertEquals(message, Answer.all(readAll(silent)).get(0).error());
      }
      assertEquals(message, report().error());
      try (SocketChannel stuck = connect(address)) {
        send(stuck, Arrays.copyOf(STREAM, STREAM.length - 20));
        var answers = Answer.all(readAll(stuck));
        assertEquals(message, answers.get(answers.size() - 1).error());
        assertEquals(1, answers.get(0).rows().size());
      }
      assertEquals(message, report().error());
      assertServed(address);
    }
  }

  /** A byte now and then is no sign of life; an empty batch is. */
  @Test
  void aMessageMustBeWholeInTime() throws Exception {
    try (StreamServer server = open(SMALL.withTimeout(Duration.ofMillis(400)))) {
      ListenAddress address = server.listen(LOOPBACK);
      try (SocketChannel slow = connect(address)) {
        slow.configureBlocking(true);
        Thread sender =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        for (int i = 0; i < STREAM.length; i++) {
                          send(slow, Arrays.copyOfRange(STREAM, i, i + 1));
                          Thread.sleep(20);
                        }
                      } catch (IOException | InterruptedException e) {
                        // cut off
                      }
                    });
        assertTrue(Answer.all(readAll(slow)).get(0).error().startsWith("peer is silent: "));
        sender.interrupt();
        sender.join();
      }
      report();
      try (SocketChannel alive = connect(address)) {
        byte[] empty = Row.stream(InputSchema.of(null), java.util.List.of(java.util.List.of()));
        byte[] schema = Row.stream();
        int head = schema.length - 8;
        send(alive, Arrays.copyOf(schema, head));
        for (int i = 0; i < 10; i++) {
          Thread.sleep(100);
          send(alive, Arrays.copyOfRange(empty, head, empty.length - 8));
        }
        send(alive, Arrays.copyOfRange(STREAM, head, STREAM.length));
        assertEquals(2, Answer.all(readAll(alive)).size());
      }
      assertNull(report().error());
    }
  }

  @Test
  void aPeerThatReadsNothingIsCutOff() throws Exception {
    Row[] rows = new Row[2000];
    Arrays.setAll(rows, i -> Row.picture(i, 1, 1, Command.add(0, 0)));
    byte[] stream = Row.stream(rows);
    try (StreamServer server = open(SMALL.withTimeout(Duration.ofMillis(400)))) {
      ListenAddress address = server.listen(ListenAddress.parse("unix:" + folder.resolve("s")));
      try (SocketChannel deaf = connect(address)) {
        assertThrows(
            IOException.class,
            () -> {
              for (int i = 0; i < 10; i++) {
                send(deaf, stream);
              }
            });
      }
      assertEquals(
          "peer does not take its answers: seconds=0.4; read them while sending", report().error());
      assertServed(address);
    }
  }

  /** It hears why although it goes on sending and reads only then. */
  @Test
  void aPeerThatGoesOnSendingHearsWhy() throws Exception {
    try (StreamServer server = open(SMALL)) {
      ListenAddress address = server.listen(LOOPBACK);
      try (SocketChannel socket = connect(address)) {
        byte[] wrong = Row.stream(Row.picture(0, 17, 17));
        send(socket, Arrays.copyOf(wrong, wrong.length - 8));
        send(socket, new byte[1 << 23]);
        assertTrue(Answer.all(readAll(socket)).get(0).error().startsWith("picture is too large: "));
      }
      report();
      assertServed(address);
    }
  }

  @Test
  void suddenCloseHarmsNobody() throws Exception {
    try (StreamServer server = open(SMALL)) {
      ListenAddress address = server.listen(LOOPBACK);
      for (int length = 0; length < STREAM.length; length += 97) {
        try (SocketChannel socket = connect(address)) {
          socket.setOption(StandardSocketOptions.SO_LINGER, 0); // a reset, not an end
          send(socket, Arrays.copyOf(STREAM, length));
        }
        report();
      }
      assertServed(address);
      assertEquals(0, engines.open.get());
    }
  }

  @Test
  void closingTellsPeers() throws Exception {
    StreamServer server = open(SMALL);
    ListenAddress address = server.listen(LOOPBACK);
    try (SocketChannel socket = connect(address)) {
      send(socket, Arrays.copyOf(STREAM, STREAM.length - 8));
      assertTrue(engines.entered.tryAcquire(2, 10, TimeUnit.SECONDS));
      server.close();
      server.close();
      var answers = Answer.all(readAll(socket));
      assertTrue(
          answers.get(answers.size() - 1).error().startsWith("server is stopping: peer=127.0.0.1:"),
          answers.toString());
      assertEquals(3, answers.size());
    }
    assertEquals(
        "StreamServer is closed: address=" + address + "; open one",
        assertThrows(IllegalStateException.class, () -> server.listen(LOOPBACK)).getMessage());
  }

  /**
   * Whoever connects at that moment is served, told, or cut off; the server's memory is not in use
   * after.
   */
  @Test
  void closingWhileOthersConnect() throws Exception {
    for (int i = 0; i < 20; i++) {
      StreamServer server = open(SMALL);
      ListenAddress address = server.listen(LOOPBACK);
      Thread client =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (true) {
                      try (SocketChannel socket = connect(address)) {
                        send(socket, STREAM);
                        readAll(socket);
                      } catch (IOException e) {
                        return;
                      }
                    }
                  });
      Thread.sleep(i);
      server.close();
      client.join();
      assertEquals(0, engines.open.get());
    }
  }

  /** A peer that waits for its answer is not silent, however long that takes. */
  @Test
  void whoWaitsForAnAnswerIsNotSilent() throws Exception {
    engines.gate = new java.util.concurrent.Semaphore(0);
    try (StreamServer server = open(SMALL.withTimeout(Duration.ofMillis(200)))) {
      ListenAddress address = server.listen(LOOPBACK);
      try (SocketChannel socket = connect(address)) {
        send(socket, Arrays.copyOf(STREAM, STREAM.length - 8));
        for (int i = 0; i < 2; i++) {
          Thread.sleep(700);
          engines.gate.release();
        }
        var answers = Answer.all(readAll(socket));
        assertEquals(3, answers.size());
        assertTrue(answers.get(2).error().startsWith("peer is silent: "), answers.toString());
      }
    }
  }
}
