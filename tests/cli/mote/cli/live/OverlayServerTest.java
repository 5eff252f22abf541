package mote.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import mote.engine.MoteException;
import mote.media.Devices;
import mote.media.LiveAddress;
import mote.media.LiveFrame;
import mote.media.LiveSource;
import mote.media.LiveSourceOptions;
import mote.media.LiveSources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What browsers of this machine see, and nobody else. */
class OverlayServerTest {
  private final AtomicBoolean over = new AtomicBoolean();
  private OverlayServer server;
  private LiveSource source;
  private Thread feeding;

  @BeforeEach
  void open() {
    Devices.require();
    server = new OverlayServer(0);
    LiveAddress address = LiveAddress.parse("lavfi:testsrc2=size=62x48:rate=50");
    source = LiveSources.open(address, LiveSourceOptions.DEFAULT, line -> {});
    feeding = Thread.ofPlatform().start(this::feed);
  }

  private void feed() {
    while (!over.get()) {
      try (LiveFrame frame = source.next(TimeUnit.SECONDS.toNanos(1))) {
        if (frame != null) {
          server.take(frame);
        }
      }
    }
  }

  @AfterEach
  void close() throws InterruptedException {
    if (feeding == null) {
      return; // left out
    }
    over.set(true);
    feeding.join();
    source.close();
    server.close();
    server.close();
  }

  @Test
  void aPageAPictureAndAStream() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var page = client.send(request("", "GET"), BodyHandlers.ofString());
      assertEquals(200, page.statusCode());
      assertTrue(page.body().contains("<img src=\"/stream\""), page.body());
      for (int i = 0; i < 3; i++) {
        var picture = client.send(request("frame.jpg", "GET"), BodyHandlers.ofByteArray());
        assertEquals(200, picture.statusCode());
        assertEquals(62, ImageIO.read(new ByteArrayInputStream(picture.body())).getWidth());
      }
      assertEquals(404, client.send(request("x", "GET"), BodyHandlers.ofString()).statusCode());
      assertEquals(405, client.send(request("", "DELETE"), BodyHandlers.ofString()).statusCode());
    }
    try (Socket socket = connect("/stream", "localhost")) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 0; i < 5; i++) {
        byte[] jpeg = nextPart(in);
        assertEquals(48, ImageIO.read(new ByteArrayInputStream(jpeg)).getHeight());
      }
    }
  }

  /** Reads one part of the stream. */
  private static byte[] nextPart(DataInputStream in) throws IOException {
    int length = -1;
    for (String line = "head"; length < 0 || !line.isEmpty(); line = line(in)) {
      if (line.startsWith("Content-Length: ")) {
        length = Integer.parseInt(line.substring("Content-Length: ".length()));
      }
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  private static String line(DataInputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("the stream ended");
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  /** A page whose name was bent to this machine (DNS rebinding) names itself. */
  @Test
  void otherNamesAreRefused() throws Exception {
    try (Socket socket = connect("/frame.jpg", "evil.example")) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertTrue(in.readLine().contains(" 403 "));
    }
  }

  @Test
  void aTakenPortIsSaid() {
    int port = URI.create(server.url()).getPort();
    String message =
        assertThrows(MoteException.class, () -> new OverlayServer(port).close()).getMessage();
    assertTrue(message.startsWith("pictures cannot be served: port=" + port + ", cause="), message);
    assertTrue(message.endsWith("; give another port, or 0 for a free one"), message);
  }

  private HttpRequest request(String path, String method) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .method(method, HttpRequest.BodyPublishers.noBody())
        .build();
  }

  /** As HTTP 1.0, so that the answer is not cut into chunks. */
  private Socket connect(String path, String host) throws IOException {
    int port = URI.create(server.url()).getPort();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    String request = "GET " + path + " HTTP/1.0\r\nHost: " + host + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }
}
