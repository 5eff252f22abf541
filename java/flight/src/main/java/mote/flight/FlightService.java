package mote.flight;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.stream.ListenAddress;
import mote.stream.StreamOptions;
import mote.stream.StreamServer;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.NoOpFlightProducer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/**
 * Arrow Flight for those who have it anyway: DoExchange carries the two streams of
 * java/stream/PROTOCOL.md, served by a {@link StreamServer} with its limits, token and policies.
 */
public final class FlightService implements AutoCloseable {
  private static final String KIND = "FlightService";

  private final StreamServer streams;
  private final StreamOptions options;
  private final BufferAllocator allocator = new RootAllocator();
  private final AtomicLong calls = new AtomicLong();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("mote-flight call ", 0).factory());
  private final FlightServer server;
  private final ListenAddress address;
  private boolean closed;

  /**
   * Listens until {@link #close}.
   *
   * @param streams serves the calls; stays owned by the caller, to be closed before this
   * @param where of TCP; port 0 for any that is free
   * @throws MoteException if it cannot be listened to, or others than this machine's programs could
   *     connect without a token
   */
  public FlightService(StreamServer streams, StreamOptions options, ListenAddress where) {
    this.streams = streams;
    this.options = options;
    options.requireToken(where);
    FlightServer.Builder builder =
        FlightServer.builder()
            .location(Location.forGrpcInsecure(where.host(), where.port()))
            .allocator(allocator)
            .producer(new Producer())
            .executor(threads)
            .maxInboundMessageSize(options.messageBytes());
    try {
      server = builder.build().start();
    } catch (IOException e) {
      threads.shutdown();
      allocator.close();
      throw new MoteException(
          "cannot listen: address=%s, error=%s; choose another address"
              .formatted(where, e.getMessage()),
          e);
    }
    address = new ListenAddress(where.host(), server.getPort(), null);
    OpenResources.opened(KIND);
  }

  /** As it turned out. */
  public ListenAddress address() {
    return address;
  }

  private final class Producer extends NoOpFlightProducer {
    @Override
    public void doExchange(CallContext context, FlightStream reader, ServerStreamListener writer) {
      String peer = "flight client " + calls.incrementAndGet();
      try (reader) {
        PipeLink link = new PipeLink();
        try {
          streams.serve(peer, link);
        } catch (RuntimeException refused) {
          link.close();
          link.closeFar();
          throw refused instanceof MoteException full
              ? CallStatus.RESOURCE_EXHAUSTED
                  .withDescription(full.getMessage())
                  .toRuntimeException()
              : refused;
        }
        new FlightCall(link, reader, writer, allocator, options.timeout()).run(peer);
      } catch (RuntimeException e) {
        writer.error(e);
      } catch (Exception e) {
        writer.error(CallStatus.INTERNAL.withCause(e).toRuntimeException());
      }
    }
  }

  /** Ends all calls; a second call does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    OpenResources.closed(KIND);
    try {
      server.shutdown();
      server.awaitTermination(5, TimeUnit.SECONDS);
      server.close(); // cancels what is left
      threads.shutdown();
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    allocator.close(); // says what was not given back
  }
}
