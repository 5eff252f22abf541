package mote.cli.live;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import mote.engine.MoteException;
import mote.media.JpegEncoder;
import mote.media.LiveFrame;

/**
 * The newest drawn picture for browsers of this machine: {@code /} is a page, {@code /stream}
 * motion JPEG (multipart/x-mixed-replace), {@code /frame.jpg} a single picture. A thread of its own
 * encodes, and only while somebody looks; a picture that comes while the last is being encoded is
 * left out, and a slow client leaves out more.
 */
public final class OverlayServer implements AutoCloseable {
  private static final int MOST_CLIENTS = 8;
  private static final String BOUNDARY = "mote-frame";
  private static final String PAGE =
      """
      <!doctype html><html><head><meta charset="utf-8"><title>mote live</title></head>
      <body style="margin:0;background:#1b1f24"><img src="/stream" alt="live picture"
      style="display:block;margin:auto;max-width:100vw;max-height:100vh"></body></html>
      """;

  private final HttpServer server;
  private final ExecutorService clients;
  private final Semaphore places = new Semaphore(MOST_CLIENTS);
  private final Thread encoding;

  /** Guards what follows. */
  private final Object lock = new Object();

  private Arena arena;
  private MemorySegment picture = MemorySegment.NULL;
  private int height;
  private int width;
  private boolean fresh;
  private boolean busy;
  private int watching;
  private byte[] jpeg;
  private long number;
  private boolean closed;

  /**
   * @param port of loopback; 0 for one that is free
   * @throws MoteException if it is taken or may not be used
   */
  public OverlayServer(int port) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new MoteException(
          "pictures cannot be served: port=%d, cause=%s; give another port, or 0 for a free one"
              .formatted(port, e.getMessage()),
          e);
    }
    clients =
        Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().name("mote-serve-", 0).daemon().factory());
    server.setExecutor(clients);
    server.createContext("/", this::answer);
    server.start();
    encoding = Thread.ofPlatform().name("mote-serve-encode").daemon().start(this::encodeAll);
  }

  /** Where browsers find the page. */
  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  /** Copies a drawn picture unless nobody looks or the last is being encoded. */
  void take(LiveFrame frame) {
    synchronized (lock) {
      if (watching == 0 || busy || closed) {
        return;
      }
      MemorySegment drawn = frame.picture();
      if (picture.byteSize() != drawn.byteSize()) {
        if (arena != null) {
          arena.close();
        }
        arena = Arena.ofShared();
        picture = arena.allocate(drawn.byteSize() + 64, 64).asSlice(0, drawn.byteSize());
      }
      picture.copyFrom(drawn);
      height = frame.height();
      width = frame.width();
      fresh = true;
      lock.notifyAll();
    }
  }

  private void encodeAll() {
    JpegEncoder encoder = null;
    try {
      while (awaitPicture()) {
        if (encoder == null || encoder.height() != height || encoder.width() != width) {
          if (encoder != null) {
            encoder.close();
          }
          encoder = new JpegEncoder(height, width);
        }
        publish(encoder.encode(picture));
      }
    } finally {
      if (encoder != null) {
        encoder.close();
      }
      synchronized (lock) {
        busy = false;
        lock.notifyAll();
      }
    }
  }

  /** Waits until there is a picture; nobody writes to it until {@link #publish}. */
  private boolean awaitPicture() {
    synchronized (lock) {
      while (!fresh && !closed) {
        await();
      }
      fresh = false;
      busy = !closed;
      return !closed;
    }
  }

  private void publish(byte[] encoded) {
    synchronized (lock) {
      jpeg = encoded;
      number++;
      busy = false;
      lock.notifyAll();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      if (!isLocal(exchange.getRequestHeaders().getFirst("Host"))) {
        send(exchange, 403, "text/plain", "only names of this machine are served\n");
      } else if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "only GET\n");
      } else if (path.equals("/")) {
        send(exchange, 200, "text/html; charset=utf-8", PAGE);
      } else if (!path.equals("/stream") && !path.equals("/frame.jpg")) {
        send(exchange, 404, "text/plain", "/, /stream and /frame.jpg are here\n");
      } else if (!places.tryAcquire()) {
        send(exchange, 503, "text/plain", "too many clients: most=" + MOST_CLIENTS + "\n");
      } else {
        watch(exchange, path.equals("/stream"));
      }
    }
  }

  /** A page of the web whose name was bent to this machine must not see the pictures. */
  private static boolean isLocal(String host) {
    return host != null && host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?");
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void watch(HttpExchange exchange, boolean stream) throws IOException {
    synchronized (lock) {
      watching++;
    }
    try {
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (stream) {
        exchange
            .getResponseHeaders()
            .set("Content-Type", "multipart/x-mixed-replace; boundary=" + BOUNDARY);
        exchange.sendResponseHeaders(200, 0);
        sendAll(exchange.getResponseBody());
      } else {
        byte[] one = newer(currentNumber());
        if (one == null) {
          send(exchange, 503, "text/plain", "there is no picture any more\n");
        } else {
          exchange.getResponseHeaders().set("Content-Type", "image/jpeg");
          exchange.sendResponseHeaders(200, one.length);
          exchange.getResponseBody().write(one);
        }
      }
    } finally {
      synchronized (lock) {
        watching--;
      }
      places.release();
    }
  }

  private void sendAll(OutputStream out) throws IOException {
    long sent = currentNumber();
    for (byte[] next = newer(sent); next != null; next = newer(sent)) {
      sent = currentNumber();
      String head =
          "--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
              .formatted(BOUNDARY, next.length);
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.write(next);
      out.write('\r');
      out.write('\n');
      out.flush();
    }
  }

  private long currentNumber() {
    synchronized (lock) {
      return number;
    }
  }

  /** Waits for a picture after that one; null where none will come. */
  private byte[] newer(long than) {
    synchronized (lock) {
      while (number <= than && !closed) {
        await();
      }
      return closed ? null : jpeg;
    }
  }

  private void await() {
    try {
      lock.wait(1000);
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
      while (busy) {
        await();
      }
    }
    server.stop(0);
    clients.shutdownNow();
    try {
      encoding.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (lock) {
      if (arena != null) {
        arena.close();
        arena = null;
        picture = MemorySegment.NULL;
      }
    }
  }
}
