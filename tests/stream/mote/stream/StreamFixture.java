package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mote.engine.OpenResources;
import org.junit.jupiter.api.AfterEach;

/** Servers over bytes in memory. */
abstract class StreamFixture {
  static final int HEIGHT = 6;
  static final int WIDTH = 8;

  static final StreamOptions SMALL =
      StreamOptions.DEFAULT.withPoints(5).withConnections(2).withLargestFrame(16, 16);

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open(), "open resources");
  }

  /** What a peer sends, then its end; and what it was answered. */
  static class Bytes implements Link {
    private final ByteBuffer in;
    final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes(byte[] in) {
      this.in = ByteBuffer.wrap(in);
    }

    @Override
    public int read(ByteBuffer into) {
      if (!in.hasRemaining()) {
        return -1;
      }
      int count = Math.min(in.remaining(), into.remaining());
      into.put(in.slice(in.position(), count));
      in.position(in.position() + count);
      return count;
    }

    @Override
    public int write(ByteBuffer from) {
      byte[] bytes = new byte[from.remaining()];
      from.get(bytes);
      out.writeBytes(bytes);
      return bytes.length;
    }

    @Override
    public void endOutput() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  /** How a stream went, and every answer. */
  record Served(StreamReport report, List<Answer> answers) {
    Answer last() {
      return answers.get(answers.size() - 1);
    }
  }

  static StreamServer server(StreamOptions options, PointEngine.Opener engines) {
    return new StreamServer(options, "fake", engines, report -> {});
  }

  static Served serve(StreamServer server, byte[] stream) {
    Bytes link = new Bytes(stream);
    try {
      StreamReport report = server.serve("bytes", link).get(20, TimeUnit.SECONDS);
      return new Served(report, Answer.all(link.out.toByteArray()));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** One stream on a server of its own. */
  static Served serve(byte[] stream) {
    return serve(SMALL, stream);
  }

  static Served serve(StreamOptions options, byte[] stream) {
    FakeEngine.Shared engines = new FakeEngine.Shared(options.points());
    try (StreamServer server = server(options, engines)) {
      Served served = serve(server, stream);
      assertEquals(0, engines.open.get(), "open engines");
      return served;
    }
  }
}
