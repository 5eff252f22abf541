package mote.media;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An RTSP 1.0 server (RFC 2326) on loopback that plays an MPEG transport stream as RTP (RFC 2250,
 * payload 33) inside the connection, once, and then hangs up.
 */
final class RtspServer implements AutoCloseable {
  private static final int PACKET = 7 * 188;

  private final ServerSocket socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
  private final byte[] transportStream;
  private final AtomicInteger played = new AtomicInteger();

  RtspServer(byte[] transportStream) throws IOException {
    this.transportStream = transportStream;
    Thread.ofPlatform().daemon().start(this::acceptAll);
  }

  String url() {
    return "rtsp://127.0.0.1:" + socket.getLocalPort() + "/live";
  }

  /** How often the stream was played. */
  int played() {
    return played.get();
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket client = socket.accept();
        Thread.ofPlatform().daemon().start(() -> serve(client));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void serve(Socket client) {
    try (client) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      OutputStream out = client.getOutputStream();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String method = line.split(" ")[0];
        String sequence = "0";
        for (String head = in.readLine(); !head.isEmpty(); head = in.readLine()) {
          if (head.toLowerCase(java.util.Locale.ROOT).startsWith("cseq:")) {
            sequence = head.substring(5).strip();
          }
        }
        answer(out, method, sequence);
        if (method.equals("PLAY")) {
          play(out);
          return;
        }
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private void answer(OutputStream out, String method, String sequence) throws IOException {
    String body = "";
    String head =
        switch (method) {
          case "OPTIONS" -> "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n";
          case "SETUP" ->
              "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1;timeout=60\r\n";
          case "DESCRIBE" -> "Content-Type: application/sdp\r\nContent-Base: " + url() + "/\r\n";
          default -> "Session: 1\r\n";
        };
    if (method.equals("DESCRIBE")) {
      body =
          "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
              + "m=video 0 RTP/AVP 33\r\na=control:track\r\n";
    }
    String text =
        "RTSP/1.0 200 OK\r\nCSeq: %s\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(sequence, head, body.length(), body);
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private void play(OutputStream out) throws IOException {
    played.incrementAndGet();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int number = 0;
    for (int at = 0; at < transportStream.length; at += PACKET) {
      int length = Math.min(PACKET, transportStream.length - at);
      ByteBuffer packet = ByteBuffer.allocate(16 + length);
      packet.put((byte) '$').put((byte) 0).putShort((short) (12 + length));
      packet.put((byte) 0x80).put((byte) 33).putShort((short) number);
      packet.putInt(number * 900).putInt(0x4d6f7465);
      packet.put(transportStream, at, length);
      all.write(packet.array());
      number++;
    }
    out.write(all.toByteArray());
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
