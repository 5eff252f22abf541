package mote.stream;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Frames in, tracks out, as java/stream/PROTOCOL.md says: over standard input and output, a Unix
 * socket or TCP. Every connection has a tracker of its own, so that what one peer does is no
 * concern of another's; their number is fixed, and all their memory is allocated at open.
 */
public final class StreamServer implements AutoCloseable {
  private static final String KIND = "StreamServer";

  private final StreamOptions options;
  private final PointEngine.Opener engines;
  private final Consumer<StreamReport> reports;
  private final byte[] schema;
  private final Refusals refusals;
  private final BufferAllocator allocator = SlabMemory.allocator();
  private final List<Berth> all = new ArrayList<>();
  private final ArrayDeque<Berth> free = new ArrayDeque<>(); // its lock is closing's too
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final AtomicLong accepted = new AtomicLong();
  private final Thread watch;
  private ListenAddress address;
  private ServerSocketChannel listening;
  private volatile boolean closed;

  /**
   * Allocates everything; nobody is listened to before {@link #listen} or {@link #serve}.
   *
   * @param model its name, told to peers
   * @param engines opens a connection's tracker with its first picture
   * @param reports gets one for every connection that ended, from its thread
   */
  public StreamServer(
      StreamOptions options,
      String model,
      PointEngine.Opener engines,
      Consumer<StreamReport> reports) {
    options.requireMemory();
    this.options = options;
    this.engines = engines;
    this.reports = reports;
    schema = AnswerSchema.message(options, model);
    OpenResources.opened(KIND);
    try {
      for (int i = 0; i < options.connections(); i++) {
        all.add(new Berth(allocator, options));
      }
    } catch (OutOfMemoryError e) {
      release();
      throw new MoteException(
          "memory for streams cannot be had: connections=%d, frame_bytes=%d; allow fewer connections or smaller frames"
              .formatted(options.connections(), options.frameBytes()),
          e);
    }
    free.addAll(all);
    refusals = new Refusals(AnswerSchema.refusal(allocator, schema, full()));
    watch = Thread.ofPlatform().daemon().name("mote-stream watch").start(this::watch);
  }

  /**
   * Listens, once for a server, and serves whoever connects until {@link #close}.
   *
   * @return the address as it turned out
   * @throws MoteException if it cannot be listened to, or others than this machine's programs could
   *     connect without a token
   */
  public ListenAddress listen(ListenAddress where) {
    requireOpen();
    if (listening != null) {
      throw new IllegalStateException(
          "StreamServer listens already: address=" + address + "; open another");
    }
    options.requireToken(where);
    listening = where.bind();
    address = where.bound(listening);
    threads.add(Thread.ofPlatform().daemon().name("mote-stream accept").start(this::accept));
    return address;
  }

  /**
   * Serves standard input and output in a thread of its own, once for a process.
   *
   * @return how it went, when it ended
   */
  public CompletableFuture<StreamReport> serveStandardStreams() {
    requireOpen();
    CompletableFuture<StreamReport> report = new CompletableFuture<>();
    start("standard input", Link.standard(), takeBerth(), report);
    return report;
  }

  /** Serves a link of any kind: as {@link #serveStandardStreams}. */
  public CompletableFuture<StreamReport> serve(String peer, Link link) {
    CompletableFuture<StreamReport> report = new CompletableFuture<>();
    start(peer, link, takeBerth(), report);
    return report;
  }

  /** Bytes that were allocated at open for frames and answers. */
  public long slabBytes() {
    return allocator.getAllocatedMemory();
  }

  private Berth takeBerth() {
    synchronized (free) {
      Berth berth = free.poll();
      if (berth == null) {
        throw new MoteException(full());
      }
      return berth;
    }
  }

  private void start(String peer, Link link, Berth berth, CompletableFuture<StreamReport> report) {
    Connection connection = new Connection(peer, link, berth, options, schema, engines);
    synchronized (free) { // close() sees all of it or nothing
      if (closed) {
        connection.closeLink();
        report.complete(new StreamReport(peer, 0, 0, "server is closed: peer=" + peer));
        return;
      }
      connections.add(connection);
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("mote-stream tracker " + peer)
              .start(() -> run(connection, peer, berth, report)));
    }
  }

  private void run(
      Connection connection, String peer, Berth berth, CompletableFuture<StreamReport> report) {
    StreamReport how = new StreamReport(peer, 0, 0, "connection failed: peer=" + peer + "; report");
    try {
      how = connection.run();
    } finally {
      connections.remove(connection);
      synchronized (free) {
        free.push(berth);
      }
      reports.accept(how);
      report.complete(how);
      synchronized (free) { // it was added before
        threads.remove(Thread.currentThread());
      }
    }
  }

  private void accept() {
    while (!closed) {
      try {
        admit(listening.accept());
      } catch (IOException e) {
        if (!closed) { // the process has no file left: others will end
          pause(100);
        }
      }
    }
  }

  private void admit(SocketChannel socket) throws IOException {
    Berth berth;
    synchronized (free) {
      berth = closed ? null : free.poll();
    }
    if (berth == null) {
      refusals.refuse(socket);
      return;
    }
    long number = accepted.incrementAndGet();
    String peer = "unix client " + number;
    try {
      if (address.path() == null) {
        peer = String.valueOf(socket.getRemoteAddress()).substring(1);
        socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
    } catch (IOException e) { // gone already
      socket.close();
      synchronized (free) {
        free.push(berth);
      }
      return;
    }
    start(peer, Link.of(socket), berth, new CompletableFuture<>());
  }

  private String full() {
    return "server is full: connections=" + options.connections() + "; try again later";
  }

  private void watch() {
    long millis = Math.clamp(options.timeout().toMillis() / 8, 5, 250);
    while (!closed || !connections.isEmpty()) {
      long now = System.nanoTime();
      for (Connection connection : connections) {
        connection.watch(now);
      }
      pause(millis);
    }
  }

  /** Returns false if it was interrupted. */
  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /**
   * Listens no more, ends every connection after the frame that is being tracked, and frees
   * everything. A second call does nothing.
   */
  @Override
  public void close() {
    synchronized (free) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      if (listening != null) {
        address.remove();
        listening.close();
      }
    } catch (IOException e) {
      // a socket's file that somebody else removed
    }
    connections.forEach(Connection::stop);
    boolean interrupted = false;
    for (Thread thread : threads) {
      interrupted |= !join(thread);
    }
    watch.interrupt();
    join(watch);
    release();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** To the end, even if interrupted: the memory is theirs until then. */
  private static boolean join(Thread thread) {
    boolean undisturbed = true;
    while (true) {
      try {
        thread.join();
        return undisturbed;
      } catch (InterruptedException e) {
        undisturbed = false;
      }
    }
  }

  private void release() {
    all.forEach(Berth::close);
    allocator.close();
    OpenResources.closed(KIND);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("StreamServer is closed: address=" + address + "; open one");
    }
  }
}
