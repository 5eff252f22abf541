package mote.flight;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import mote.stream.Link;

/** A connection of the stream server inside this process: two pipes, the far ends for us. */
final class PipeLink implements Link {
  private final Pipe in;
  private final Pipe out;

  PipeLink() throws IOException {
    in = Pipe.open();
    try {
      out = Pipe.open();
    } catch (IOException e) {
      in.sink().close();
      in.source().close();
      throw e;
    }
  }

  /** What the server reads; to be closed where the input ends. */
  WritableByteChannel input() {
    return in.sink();
  }

  /** What the server wrote. */
  ReadableByteChannel output() {
    return out.source();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return in.source().read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return out.sink().write(from);
  }

  @Override
  public void endOutput() throws IOException {
    out.sink().close();
  }

  @Override
  public boolean isOpen() {
    return in.source().isOpen();
  }

  /** The server's ends; what it wrote can still be read. */
  @Override
  public void close() throws IOException {
    try (var _ = in.source();
        var _ = out.sink()) {
      // both are closed, whatever becomes of the first
    }
  }

  /** Both, where it is not served. */
  void closeAll() {
    try (this) {
      closeFar();
    } catch (IOException e) {
      // there is nothing to lose
    }
  }

  /** Our ends. */
  void closeFar() throws IOException {
    try (var _ = in.sink();
        var _ = out.source()) {
      // as above
    }
  }
}
