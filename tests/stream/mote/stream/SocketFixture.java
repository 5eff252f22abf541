package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mote.stream.Row.Command;
import org.junit.jupiter.api.io.TempDir;

/** A server on real sockets, and peers of it. */
abstract class SocketFixture extends StreamFixture {
  static final byte[] STREAM =
      Row.stream(Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1)), Row.picture(1, HEIGHT, WIDTH));
  static final ListenAddress LOOPBACK = ListenAddress.parse("tcp://:0");

  @TempDir Path folder;

  final BlockingQueue<StreamReport> reports = new LinkedBlockingQueue<>();
  final FakeEngine.Shared engines = new FakeEngine.Shared(5);

  StreamServer open(StreamOptions options) {
    return new StreamServer(options, "fake", engines, reports::add);
  }

  static SocketChannel connect(ListenAddress address) throws IOException {
    return address.path() == null
        ? SocketChannel.open(new InetSocketAddress(address.host(), address.port()))
        : SocketChannel.open(UnixDomainSocketAddress.of(address.path()));
  }

  static void send(SocketChannel socket, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      socket.write(buffer);
    }
  }

  static byte[] readAll(SocketChannel socket) throws IOException {
    InputStream in = Channels.newInputStream(socket);
    return in.readAllBytes();
  }

  StreamReport report() throws InterruptedException {
    StreamReport report = reports.poll(10, TimeUnit.SECONDS);
    assertTrue(report != null, "no report");
    return report;
  }

  void assertServed(ListenAddress address) throws Exception {
    try (SocketChannel socket = connect(address)) {
      send(socket, STREAM);
      assertEquals(2, Answer.all(readAll(socket)).size());
    }
    StreamReport report = report();
    assertNull(report.error());
    assertEquals(2, report.frames());
  }
}
