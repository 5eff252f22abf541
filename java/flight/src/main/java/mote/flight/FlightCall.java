package mote.flight;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.impl.Flight.FlightData;

/**
 * One DoExchange: what comes is written as an IPC stream to a connection of the stream server, by a
 * thread; what that answers is sent back, by another. gRPC's own threads never wait.
 */
final class FlightCall {
  private final PipeLink link;
  private final Inbox inbox;
  private final ServerCallStreamObserver<FlightData> writer;
  private final Duration timeout;

  /** The call has its end: gRPC wants one, and both threads may come to it. */
  private boolean ended;

  /** To be made where gRPC has begun the call and nothing more. */
  FlightCall(PipeLink link, ServerCallStreamObserver<FlightData> writer, Duration timeout) {
    this.link = link;
    this.writer = writer;
    this.timeout = timeout;
    writer.disableAutoRequest();
    writer.setOnReadyHandler(this::wake);
    writer.setOnCancelHandler(this::cancel);
    inbox = new Inbox(writer);
  }

  /** Where gRPC puts what comes. */
  Inbox inbox() {
    return inbox;
  }

  private synchronized void wake() {
    notifyAll();
  }

  /** A peer that goes away takes its connection with it. */
  private void cancel() {
    wake();
    close();
  }

  /** Hands over what the peer sends, to its end or the call's. */
  void receive() {
    try {
      IpcInput stream = new IpcInput(link.input());
      for (FlightMessage message = inbox.take(); message != null; message = inbox.take()) {
        stream.write(message);
      }
    } catch (FlightMessage.MalformedException e) {
      fail(
          Status.INVALID_ARGUMENT.withDescription(
              "record batch cannot be read: error=%s; send what java/stream/PROTOCOL.md says"
                  .formatted(e.getMessage())));
    } catch (IOException e) {
      // the server reads no more: it has said why, in an answer
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closeInput();
    }
  }

  /** Sends what the server answers, to its end. */
  void answer() {
    try {
      Answers answers = new Answers(link.output());
      for (FlightData answer = answers.next(); answer != null; answer = answers.next()) {
        if (!send(answer)) {
          return;
        }
      }
      complete();
    } catch (IOException | RuntimeException e) {
      fail(Status.INTERNAL.withCause(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(Status.CANCELLED);
    } finally {
      close();
    }
  }

  /** Sends when gRPC has sent the one before; false where the call has its end. */
  private synchronized boolean send(FlightData answer) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    while (!writer.isReady() && !writer.isCancelled() && !ended) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        fail(
            Status.DEADLINE_EXCEEDED.withDescription(
                "answers are not read: timeout_seconds=%s; read them as they come"
                    .formatted(timeout.toMillis() / 1e3)));
        return false;
      }
      wait(TimeUnit.NANOSECONDS.toMillis(left) + 1);
    }
    if (ended || writer.isCancelled()) {
      return false;
    }
    writer.onNext(answer);
    return true;
  }

  private synchronized void complete() {
    if (!ended && !writer.isCancelled()) {
      ended = true;
      writer.onCompleted();
    }
  }

  private synchronized void fail(Status status) {
    if (!ended && !writer.isCancelled()) {
      ended = true;
      writer.onError(status.asRuntimeException());
      notifyAll();
    }
  }

  /** Wakes both threads. */
  private void close() {
    inbox.close();
    try {
      link.closeFar();
    } catch (IOException e) {
      // there is nothing more to lose
    }
  }

  private void closeInput() {
    try {
      link.input().close();
    } catch (IOException e) {
      // as above
    }
  }
}
