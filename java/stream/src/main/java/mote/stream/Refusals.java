package mote.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;

/** Tells peers that there is no room for them, without keeping anyone else waiting. */
final class Refusals {
  /** Peers at once that are told; more are cut off without a word. */
  private static final int MOST = 8;

  private final byte[] answer;
  private final Semaphore room = new Semaphore(MOST);

  /**
   * @param answer all that they are sent
   */
  Refusals(byte[] answer) {
    this.answer = answer;
  }

  /** Takes over a connection, whose end this is. */
  void refuse(SocketChannel socket) {
    if (!room.tryAcquire()) {
      close(socket);
      return;
    }
    Thread.ofVirtual()
        .start(
            () -> {
              Thread cut = Thread.ofVirtual().start(() -> cutAfterLinger(socket));
              try {
                tell(socket);
              } catch (IOException e) {
                // the peer is gone, or was cut off
              } finally {
                close(socket);
                cut.interrupt();
                room.release();
              }
            });
  }

  private void tell(SocketChannel socket) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(answer);
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
    socket.shutdownOutput();
    ByteBuffer rest = ByteBuffer.allocate(1 << 12);
    while (socket.read(rest) >= 0) {
      rest.clear(); // what is not read would reset the connection before the peer has read
    }
  }

  private static void cutAfterLinger(SocketChannel socket) {
    try {
      Thread.sleep(Connection.LINGER);
      close(socket);
    } catch (InterruptedException e) {
      // the peer was quick
    }
  }

  private static void close(SocketChannel socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // there is nothing to lose
    }
  }
}
