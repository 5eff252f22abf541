package mote.flight;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import mote.stream.FakeEngine;
import org.apache.arrow.flight.impl.Flight.Criteria;
import org.apache.arrow.flight.impl.Flight.FlightData;
import org.apache.arrow.flight.impl.Flight.FlightInfo;
import org.apache.arrow.flight.impl.FlightServiceGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a peer must not do, and what it must not cost. */
class FlightHostilePeerTest extends FlightFixture {
  private final FakeEngine.Shared engines = new FakeEngine.Shared(5);

  @Test
  void aSecondSchemaIsRefused() throws Exception {
    try (Served served = serve(SMALL, engines);
        Peer peer = Peer.open(served.channel)) {
      List<FlightData> messages = frames(2);
      peer.send(messages.get(0));
      peer.send(messages.get(1));
      peer.send(messages.get(0));
      peer.send(messages.get(2));
      peer.answer();
      peer.answer();
      FlightData last = peer.answer();
      assertTrue(says(last, "message is of the wrong kind: found=Schema, "), last.toString());
      assertEquals(Status.Code.OK, peer.end().getCode());
    }
  }

  /** Of methods that are not served, nothing is received: they hold no memory. */
  @Test
  void otherMethodsEndBeforeTheirMessageDoes() throws Exception {
    try (Served served = serve(SMALL, engines)) {
      CompletableFuture<Status> end = new CompletableFuture<>();
      ClientCall<Criteria, FlightInfo> call =
          served.channel.newCall(FlightServiceGrpc.getListFlightsMethod(), CallOptions.DEFAULT);
      start(call, end);
      call.sendMessage(
          Criteria.newBuilder().setExpression(ByteString.copyFrom(new byte[1 << 19])).build());
      assertEquals(Status.Code.UNIMPLEMENTED, end.get(10, TimeUnit.SECONDS).getCode());
      assertServed(served.channel);
    }
  }

  @Test
  void aBodyThatIsNotWhatItsHeadSays() throws Exception {
    try (Served served = serve(SMALL, engines);
        Peer peer = Peer.open(served.channel)) {
      List<FlightData> messages = frames(1);
      peer.send(messages.get(0));
      ByteString body = messages.get(1).getDataBody();
      peer.send(messages.get(1).toBuilder().setDataBody(body.substring(8)).build());
      assertEquals(
          "record batch cannot be read: error=body_bytes=%d, expected=%d; send what java/stream/PROTOCOL.md says"
              .formatted(body.size() - 8, body.size()),
          peer.end().getDescription());
      assertEquals(Status.Code.INVALID_ARGUMENT, peer.end().getCode());
      report();
      assertServed(served.channel);
    }
  }

  /** Arrow's own reader would allocate what a length asks for, before it looks for the bytes. */
  @ParameterizedTest
  @ValueSource(ints = {1 << 20, Integer.MAX_VALUE, -1})
  void absurdLengths(int length) throws Exception {
    try (Served served = serve(SMALL, engines)) {
      for (int field :
          List.of(
              FlightData.DATA_HEADER_FIELD_NUMBER,
              FlightData.DATA_BODY_FIELD_NUMBER,
              FlightData.APP_METADATA_FIELD_NUMBER)) {
        byte[] message = new byte[100];
        CodedOutputStream out = CodedOutputStream.newInstance(message);
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeInt32NoTag(length);
        Status end = raw(served.channel, message).get(10, TimeUnit.SECONDS);
        assertEquals(Status.Code.INVALID_ARGUMENT, end.getCode());
        assertTrue(
            end.getDescription().startsWith("record batch cannot be read: error="),
            end.getDescription());
        report();
      }
      assertServed(served.channel);
    }
  }

  @Test
  void aHeaderThatIsNoFlatbuffer() throws Exception {
    try (Served served = serve(SMALL, engines);
        Peer peer = Peer.open(served.channel)) {
      peer.send(Peer.data(ByteBuffer.wrap(new byte[] {-1, -1, -1, 127}), ByteBuffer.allocate(0)));
      assertEquals(
          "record batch cannot be read: error=header is malformed; send what java/stream/PROTOCOL.md says",
          peer.end().getDescription());
    }
  }

  /** A call whose only message has these bytes. */
  private static CompletableFuture<Status> raw(ManagedChannel channel, byte[] message) {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
          }

          @Override
          public byte[] parse(InputStream stream) {
            return new byte[0];
          }
        };
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            FlightServiceGrpc.getDoExchangeMethod().toBuilder(bytes, bytes).build(),
            CallOptions.DEFAULT);
    start(call, end);
    call.sendMessage(message);
    return end;
  }

  private static <T> void start(ClientCall<?, T> call, CompletableFuture<Status> end) {
    call.start(
        new ClientCall.Listener<T>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(Integer.MAX_VALUE);
  }
}
