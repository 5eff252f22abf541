package mote.stream;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/**
 * Both directions of a connection. One thread reads and one writes; {@link #close} from a third
 * wakes both.
 */
public interface Link extends ByteChannel {
  /** Says to the peer that nothing more will come; it may still send. */
  void endOutput() throws IOException;

  /** A socket of any kind. */
  static Link of(SocketChannel socket) {
    return new Link() {
      @Override
      public int read(ByteBuffer into) throws IOException {
        return socket.read(into);
      }

      @Override
      public int write(ByteBuffer from) throws IOException {
        return socket.write(from);
      }

      @Override
      public void endOutput() throws IOException {
        socket.shutdownOutput();
      }

      @Override
      public boolean isOpen() {
        return socket.isOpen();
      }

      @Override
      public void close() throws IOException {
        socket.close();
      }
    };
  }

  /** Standard input and output of this process. */
  @SuppressWarnings("resource") // closing them is closing the channels
  static Link standard() {
    FileChannel in = new FileInputStream(FileDescriptor.in).getChannel();
    FileChannel out = new FileOutputStream(FileDescriptor.out).getChannel();
    return new Link() {
      @Override
      public int read(ByteBuffer into) throws IOException {
        return in.read(into);
      }

      @Override
      public int write(ByteBuffer from) throws IOException {
        return out.write(from);
      }

      @Override
      public void endOutput() throws IOException {
        out.close();
      }

      @Override
      public boolean isOpen() {
        return in.isOpen();
      }

      @Override
      public void close() throws IOException {
        try (in;
            out) {
          // both are closed, whatever becomes of the first
        }
      }
    };
  }
}
