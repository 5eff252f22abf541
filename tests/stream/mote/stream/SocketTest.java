package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mote.engine.MoteException;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers over real sockets, good and bad ones side by side. */
class SocketTest extends StreamFixture {
  private static final byte[] STREAM =
      Row.stream(Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1)), Row.picture(1, HEIGHT, WIDTH));
  private static final ListenAddress LOOPBACK = ListenAddress.parse("tcp://:0");

  @TempDir Path folder;

  private final BlockingQueue<StreamReport> reports = new LinkedBlockingQueue<>();
  private final FakeEngine.Shared engines = new FakeEngine.Shared(5);

  private StreamServer open(StreamOptions options) {
    return new StreamServer(options, "fake", engines, reports::add);
  }

  private static SocketChannel connect(ListenAddress address) throws IOException {
    return address.path() == null
        ? SocketChannel.open(new InetSocketAddress(address.host(), address.port()))
        : SocketChannel.open(UnixDomainSocketAddress.of(address.path()));
  }

  private static void send(SocketChannel socket, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      socket.write(buffer);
    }
  }

  private static byte[] readAll(SocketChannel socket) throws IOException {
    InputStream in = Channels.newInputStream(socket);
    return in.readAllBytes();
  }

  private StreamReport report() throws InterruptedException {
    StreamReport report = reports.poll(10, TimeUnit.SECONDS);
    assertTrue(report != null, "no report");
    return report;
  }

  private void assertServed(ListenAddress address) throws Exception {
    try (SocketChannel socket = connect(address)) {
      send(socket, STREAM);
      assertEquals(2, Answer.all(readAll(socket)).size());
    }
    StreamReport report = report();
    assertNull(report.error());
    assertEquals(2, report.frames());
  }

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
      try (SocketChannel socket = connect(address)) {
        send(socket, STREAM);
        var answers = Answer.all(readAll(socket));
        if (answers.size() == 2) {
          assertNull(report().error());
          return;
        }
        assertEquals("server is full: connections=1; try again later", answers.get(0).error());
      }
      Thread.sleep(10);
    }
    throw new AssertionError("never free");
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
          try (SocketChannel third = connect(address)) {
            send(third, STREAM);
            assertEquals(
                "server is full: connections=2; try again later",
                Answer.all(readAll(third)).get(0).error());
          }
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

  @Test
  void memoryThatNobodyShouldAskFor() {
    StreamOptions vast = SMALL.withConnections(256).withLargestFrame(8192, 8192);
    assertEquals(
        "memory for streams is too large: connections=256, frame_bytes=201326592, bytes=%d; keep it under 4294967296 with fewer connections or smaller frames"
            .formatted(512L * vast.bodyBytes()),
        assertThrows(MoteException.class, () -> open(vast)).getMessage());
  }

  @Test
  void otherMachinesNeedAToken() {
    ListenAddress all = ListenAddress.parse("tcp://0.0.0.0:0");
    try (StreamServer server = open(SMALL)) {
      assertEquals(
          "address is open to other machines: listen=tcp://0.0.0.0:0; give a token, or listen on 127.0.0.1",
          assertThrows(MoteException.class, () -> server.listen(all)).getMessage());
    }
    try (StreamServer server = open(SMALL.withToken("0123456789abcdef"))) {
      assertTrue(server.listen(all).port() > 0);
    }
  }

  @Test
  void unixSocketsAreTheUsersOwn() throws Exception {
    Path path = folder.resolve("mote.sock");
    ListenAddress address = ListenAddress.parse("unix:" + path);
    try (StreamServer server = open(SMALL);
        StreamServer other = open(SMALL)) {
      server.listen(address);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      assertEquals(
          "path is taken by a server: path=" + path + "; end that one or choose another",
          assertThrows(MoteException.class, () -> other.listen(address)).getMessage());
      report(); // of the other's knock on the door
      assertServed(address);
    }
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
    Files.writeString(path, "precious");
    try (StreamServer server = open(SMALL)) {
      assertEquals(
          "path is taken by a file: path=" + path + "; remove it or choose another",
          assertThrows(MoteException.class, () -> server.listen(address)).getMessage());
    }
    assertEquals("precious", Files.readString(path));
    Files.delete(path);
    try (var killed =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path)); // as a server leaves it that was killed
    try (StreamServer server = open(SMALL)) {
      server.listen(address);
      assertServed(address);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7788",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:65536",
        "tcp://host name:1",
        "http://127.0.0.1:80",
        "unix:",
        "udp://127.0.0.1:1"
      })
  void addressesThatAreNone(String text) {
    assertEquals(
        "address is malformed: listen=\"" + text + "\"; give tcp://host:port, unix:/path or -",
        assertThrows(MoteException.class, () -> ListenAddress.parse(text)).getMessage());
  }

  @Test
  void addressesThatCannotBeHad() throws Exception {
    try (StreamServer server = open(SMALL);
        StreamServer other = open(SMALL)) {
      ListenAddress address = server.listen(LOOPBACK);
      assertEquals(
          "cannot listen: address="
              + address
              + ", error=Address already in use; choose another address",
          assertThrows(MoteException.class, () -> other.listen(address)).getMessage());
      ListenAddress unknown = ListenAddress.parse("tcp://no-such-host.invalid:1");
      assertEquals(
          "host is unknown: host=no-such-host.invalid; give an address of this machine",
          assertThrows(MoteException.class, () -> other.listen(unknown)).getMessage());
      Path deep = folder.resolve("x".repeat(100)).resolve("s");
      Files.createDirectory(deep.getParent());
      assertEquals(
          "path is too long for a socket: path=" + deep + "; keep its folder under 81 bytes",
          assertThrows(MoteException.class, () -> other.listen(ListenAddress.parse("unix:" + deep)))
              .getMessage());
      assertTrue(
          assertThrows(
                  MoteException.class,
                  () -> other.listen(ListenAddress.parse("unix:/no/such/folder/s")))
              .getMessage()
              .startsWith("cannot listen: address=unix:/no/such/folder/s, error="));
    }
  }
}
