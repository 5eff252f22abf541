package mote.cli.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * As many bytes there and back as a frame and its answer have, through a socket and one thread that
 * does nothing but read and write: what the machine takes for it without a stream layer.
 */
final class BarePeer implements AutoCloseable {
  private final Path path;
  private final SocketChannel socket;
  private final ByteBuffer request;
  private final ByteBuffer answer;
  private final Thread echo;

  /**
   * @param path of a Unix socket, null for TCP on loopback
   */
  BarePeer(Path path, int requestBytes, int answerBytes) throws IOException {
    this.path = path;
    request = ByteBuffer.allocateDirect(requestBytes);
    answer = ByteBuffer.allocateDirect(answerBytes);
    try (ServerSocketChannel server = listen(path)) {
      socket = SocketChannel.open(server.getLocalAddress());
      SocketChannel accepted = server.accept();
      if (path == null) {
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        accepted.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      echo =
          Thread.ofPlatform()
              .daemon()
              .name("mote bench echo")
              .start(() -> echo(accepted, requestBytes, answerBytes));
    }
  }

  private static ServerSocketChannel listen(Path path) throws IOException {
    return path == null
        ? ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        : ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(path));
  }

  private static void echo(SocketChannel socket, int requestBytes, int answerBytes) {
    ByteBuffer in = ByteBuffer.allocateDirect(requestBytes);
    ByteBuffer out = ByteBuffer.allocateDirect(answerBytes);
    try (socket) {
      while (readAll(socket, in)) {
        writeAll(socket, out);
      }
    } catch (IOException e) {
      // the other side is gone, and says why
    }
  }

  /** Sends a request and reads the answer. */
  void push() throws IOException {
    writeAll(socket, request);
    if (!readAll(socket, answer)) {
      throw new IOException("echo has ended");
    }
  }

  private static void writeAll(SocketChannel socket, ByteBuffer bytes) throws IOException {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  private static boolean readAll(SocketChannel socket, ByteBuffer bytes) throws IOException {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      if (socket.read(bytes) < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    if (path != null) {
      Files.deleteIfExists(path);
    }
    try {
      echo.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
