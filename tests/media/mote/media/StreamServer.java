package mote.media;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A web server on loopback with one stream. */
public final class StreamServer implements AutoCloseable {
  /** Writes the stream; when it returns, the connection is closed. */
  @FunctionalInterface
  public interface Answer {
    /**
     * @param request counts from 0
     */
    void write(int request, OutputStream body) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicInteger requests = new AtomicInteger();

  /** A stream that has no length. */
  public StreamServer(String type, Answer answer) throws IOException {
    this(type, 0, answer);
  }

  /** A file, which has one. */
  StreamServer(String type, byte[] bytes) throws IOException {
    this(type, bytes.length, (request, body) -> body.write(bytes));
  }

  private StreamServer(String type, long length, Answer answer) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/live",
        exchange -> {
          int request = requests.getAndIncrement();
          exchange.getResponseHeaders().set("Content-Type", type);
          exchange.sendResponseHeaders(200, length);
          try (OutputStream body = exchange.getResponseBody()) {
            answer.write(request, body);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.setExecutor(executor);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/live";
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
