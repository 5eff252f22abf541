package mote.flight;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mote.stream.InputSchema;
import mote.stream.ListenAddress;
import mote.stream.Row;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.FlightServiceGrpc;

/** One DoExchange, by bare gRPC: what Arrow's own clients hide of its flow control is seen here. */
final class Peer implements ClientResponseObserver<FlightData, FlightData>, AutoCloseable {
  /** Bytes that gRPC takes for a peer that reads nothing: the least that HTTP/2 has. */
  private static final int WINDOW = (1 << 16) - 1;

  final BlockingQueue<FlightData> answers = new LinkedBlockingQueue<>();
  final CompletableFuture<Status> end = new CompletableFuture<>();
  private final int initial;
  private ClientCallStreamObserver<FlightData> call;

  private Peer(int initial) {
    this.initial = initial;
  }

  static ManagedChannel channel(ListenAddress address) {
    return NettyChannelBuilder.forAddress(address.host(), address.port())
        .usePlaintext()
        .flowControlWindow(WINDOW)
        .maxInboundMessageSize(1 << 24)
        .build();
  }

  static void close(ManagedChannel channel) {
    try {
      assertTrue(channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS), "has no end");
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Reads all that comes. */
  static Peer open(ManagedChannel channel) {
    return open(channel, Integer.MAX_VALUE);
  }

  /** Reads nothing until {@link #listen}. */
  static Peer deaf(ManagedChannel channel) {
    return open(channel, 0);
  }

  private static Peer open(ManagedChannel channel, int initial) {
    Peer peer = new Peer(initial);
    FlightServiceGrpc.newStub(channel).doExchange(peer);
    return peer;
  }

  /** The schema and the rows, a batch each. */
  static List<FlightData> messages(Row... rows) {
    ByteBuffer stream = ByteBuffer.wrap(Row.stream(rows)).order(ByteOrder.LITTLE_ENDIAN);
    List<FlightData> messages = new ArrayList<>();
    while (stream.getInt() == -1 && stream.remaining() > 4) {
      ByteBuffer header = take(stream, stream.getInt());
      int body = (int) Message.getRootAsMessage(header.duplicate()).bodyLength();
      messages.add(data(header, take(stream, body)));
    }
    return messages;
  }

  /** The schema alone. */
  static FlightData schema() {
    ByteBuffer header = ByteBuffer.wrap(InputSchema.of(null).serializeAsMessage());
    return data(header.position(8), ByteBuffer.allocate(0));
  }

  static FlightData data(ByteBuffer header, ByteBuffer body) {
    return FlightData.newBuilder()
        .setDataHeader(ByteString.copyFrom(header))
        .setDataBody(UnsafeByteOperations.unsafeWrap(body))
        .build();
  }

  private static ByteBuffer take(ByteBuffer from, int bytes) {
    ByteBuffer part = from.slice(from.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + bytes);
    return part;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<FlightData> started) {
    call = started;
    call.disableAutoRequestWithInitial(initial);
    call.setOnReadyHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  @Override
  public void onNext(FlightData answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable reason) {
    end.complete(Status.fromThrowable(reason));
    wake();
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
    wake();
  }

  void listen() {
    call.request(Integer.MAX_VALUE);
  }

  /** Sends without asking whether it is taken. */
  void send(FlightData message) {
    call.onNext(message);
  }

  /** Ends what is sent; answers still come. */
  void complete() {
    call.onCompleted();
  }

  /**
   * Sends as fast as is taken.
   *
   * @param patience after which what is not taken is said to be held back
   * @return how many were sent until then
   */
  int flood(List<FlightData> messages, Duration patience) throws InterruptedException {
    int sent = 0;
    while (sent < messages.size() && isTaken(patience)) {
      call.onNext(messages.get(sent++));
    }
    return sent;
  }

  private synchronized boolean isTaken(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (!call.isReady() && !end.isDone()) {
      long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return call.isReady();
  }

  FlightData answer() throws InterruptedException {
    FlightData answer = answers.poll(10, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer");
    }
    return answer;
  }

  Status end() throws Exception {
    return end.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    call.cancel("test is over", null);
  }
}
