package mote.flight;

import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.stream.ListenAddress;
import mote.stream.StreamOptions;
import mote.stream.StreamServer;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.FlightServiceGrpc;

/**
 * Arrow Flight for those who have it anyway: DoExchange carries the two streams of
 * java/stream/PROTOCOL.md, served by a {@link StreamServer} with its limits, token and policies.
 */
public final class FlightService implements AutoCloseable {
  private static final String KIND = "FlightService";

  /** What a peer may have sent of a call that nobody has read yet, in bytes. */
  private static final int WINDOW = 1 << 20;

  /** Calls of a connection beyond those that are served: to be told so, or to end. */
  static final int MORE_CALLS = 4;

  /** They never wait. */
  private static final int GRPC_THREADS = 2;

  private static final MethodDescriptor<FlightMessage, FlightData> EXCHANGE =
      FlightServiceGrpc.getDoExchangeMethod().toBuilder(
              FlightMessage.MARSHALLER,
              FlightServiceGrpc.getDoExchangeMethod().getResponseMarshaller())
          .build();

  private final StreamServer streams;
  private final StreamOptions options;
  private final AtomicLong calls = new AtomicLong();
  private final ExecutorService callbacks =
      Executors.newFixedThreadPool(
          GRPC_THREADS, Thread.ofPlatform().daemon().name("mote-flight grpc ", 0).factory());
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("mote-flight call ", 0).factory());
  private final Server server;
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
    try {
      server = build(where).start();
    } catch (IOException e) {
      callbacks.shutdown();
      threads.shutdown();
      throw new MoteException(
          "cannot listen: address=%s, error=%s; choose another address"
              .formatted(where, e.getMessage()),
          e);
    }
    address = new ListenAddress(where.host(), server.getPort(), null);
    OpenResources.opened(KIND);
  }

  /** DoExchange is all there is: of other methods gRPC receives nothing. */
  private Server build(ListenAddress where) {
    return NettyServerBuilder.forAddress(new InetSocketAddress(where.host(), where.port()))
        .executor(callbacks)
        .flowControlWindow(WINDOW)
        .maxInboundMessageSize(options.messageBytes())
        .maxConcurrentCallsPerConnection(options.connections() + MORE_CALLS)
        .addService(
            ServerServiceDefinition.builder(FlightServiceGrpc.SERVICE_NAME)
                .addMethod(EXCHANGE, ServerCalls.asyncBidiStreamingCall(this::exchange))
                .build())
        .build();
  }

  /** As it turned out. */
  public ListenAddress address() {
    return address;
  }

  private StreamObserver<FlightMessage> exchange(StreamObserver<FlightData> writer) {
    String peer = "flight client " + calls.incrementAndGet();
    PipeLink link;
    try {
      link = new PipeLink();
    } catch (IOException e) {
      return refuse(writer, Status.INTERNAL.withCause(e));
    }
    try {
      streams.serve(peer, link);
    } catch (MoteException full) {
      link.closeAll();
      return refuse(writer, Status.RESOURCE_EXHAUSTED.withDescription(full.getMessage()));
    } catch (RuntimeException e) {
      link.closeAll();
      return refuse(writer, Status.INTERNAL.withCause(e));
    }
    FlightCall call =
        new FlightCall(link, (ServerCallStreamObserver<FlightData>) writer, options.timeout());
    threads.execute(call::receive);
    threads.execute(call::answer);
    return call.inbox();
  }

  /** Nothing is asked for, so nothing comes. */
  private static StreamObserver<FlightMessage> refuse(
      StreamObserver<FlightData> writer, Status reason) {
    ((ServerCallStreamObserver<FlightData>) writer).disableAutoRequest();
    writer.onError(reason.asRuntimeException());
    return new StreamObserver<>() {
      @Override
      public void onNext(FlightMessage message) {}

      @Override
      public void onError(Throwable gone) {}

      @Override
      public void onCompleted() {}
    };
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
      server.shutdownNow(); // cancels what is left
      server.awaitTermination(5, TimeUnit.SECONDS);
      callbacks.shutdown();
      threads.shutdown();
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
