package mote.flight;

import java.io.IOException;
import java.time.Duration;
import org.apache.arrow.flight.BackpressureStrategy;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightProducer.ServerStreamListener;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * One DoExchange: what comes is written as an IPC stream to a connection of the stream server, what
 * that answers is sent back. The call's own thread does the first, another the second.
 */
final class FlightCall {
  private final PipeLink link;
  private final FlightStream reader;
  private final ServerStreamListener writer;
  private final BufferAllocator allocator;
  private final Duration timeout;
  private Thread receiver = Thread.currentThread();
  private boolean answered;

  /** The call has its end: Flight wants one, and both threads may come to it. */
  private boolean ended;

  /** For the thread that calls {@link #run}. */
  FlightCall(
      PipeLink link,
      FlightStream reader,
      ServerStreamListener writer,
      BufferAllocator allocator,
      Duration timeout) {
    this.link = link;
    this.reader = reader;
    this.writer = writer;
    this.allocator = allocator;
    this.timeout = timeout;
  }

  /** A peer that goes away takes its connection with it. */
  private final class Pressure extends BackpressureStrategy.CallbackBackpressureStrategy {
    @Override
    protected void cancelCallback() {
      super.cancelCallback();
      closeFar();
    }
  }

  /** Serves the call to its end. */
  void run(String peer) {
    Pressure pressure = new Pressure();
    pressure.register(writer);
    Thread answering =
        Thread.ofPlatform()
            .daemon()
            .name("mote-flight answers " + peer)
            .start(
                () -> {
                  answer(pressure);
                  stopReceiving();
                });
    try {
      receive();
    } catch (IOException e) {
      // the server reads no more: it has said why, in an answer
    } catch (RuntimeException e) {
      refuse(e);
    } finally {
      received();
      join(answering);
      closeFar();
    }
  }

  /** Flight has no other way to wake who waits for a peer that says nothing more. */
  private synchronized void stopReceiving() {
    answered = true;
    if (receiver != null) {
      receiver.interrupt();
    }
  }

  private synchronized void received() {
    receiver = null;
    // It may have come when nothing was waited for any more; the thread is gRPC's.
    boolean _ = Thread.interrupted();
  }

  private synchronized boolean isAnswered() {
    return answered;
  }

  private void receive() throws IOException {
    VectorSchemaRoot root = reader.getRoot();
    try (ArrowStreamWriter batches =
        new ArrowStreamWriter(root, reader.getDictionaryProvider(), link.input())) {
      batches.start();
      while (reader.next()) {
        batches.writeBatch(); // metadata alone is an empty batch, a sign of life
        root.clear();
      }
    }
  }

  /** What Arrow's or gRPC's reader could not read, or the peer's own end. */
  private void refuse(RuntimeException e) {
    closeInput();
    if (!isAnswered()) {
      fail(
          CallStatus.INVALID_ARGUMENT.withDescription(
              "record batch cannot be read: error=%s; send what java/stream/PROTOCOL.md says"
                  .formatted(e.getMessage())));
    }
  }

  private void answer(Pressure pressure) {
    try (Answers answers = new Answers(link.output(), allocator)) {
      writer.start(answers.root());
      while (answers.next()) {
        if (pressure.waitForListener(timeout.toMillis()) != BackpressureStrategy.WaitResult.READY) {
          closeFar();
          fail(
              CallStatus.TIMED_OUT.withDescription(
                  "answers are not read: timeout_seconds=%d; read them as they come"
                      .formatted(timeout.toSeconds())));
          return;
        }
        send(answers);
      }
      complete();
    } catch (IOException | RuntimeException e) {
      closeFar();
      fail(CallStatus.INTERNAL.withCause(e));
    }
  }

  private synchronized void send(Answers answers) throws IOException {
    if (!ended) {
      writer.putNext(answers.metadata());
    }
  }

  private synchronized void complete() {
    if (!ended) {
      ended = true;
      writer.completed();
    }
  }

  private synchronized void fail(CallStatus status) {
    if (!ended && !writer.isCancelled()) {
      ended = true;
      writer.error(status.toRuntimeException());
    }
  }

  private void closeInput() {
    try {
      link.input().close();
    } catch (IOException e) {
      // there is nothing more to lose
    }
  }

  private void closeFar() {
    try {
      link.closeFar();
    } catch (IOException e) {
      // as above
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
