package mote.flight;

import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * What a peer sends, one message at a time: gRPC is asked for the next when this one is taken, and
 * lets the peer send no more than its window until then. So nothing queues.
 */
final class Inbox implements StreamObserver<FlightMessage> {
  private final CallStreamObserver<?> call;
  private FlightMessage waiting;
  private boolean ended;

  /** Asks for the first message. */
  Inbox(CallStreamObserver<?> call) {
    this.call = call;
    call.request(1);
  }

  /** Waits for the next message; null where no more will come or {@link #close} was called. */
  synchronized FlightMessage take() throws InterruptedException {
    while (waiting == null && !ended) {
      wait();
    }
    FlightMessage message = waiting;
    waiting = null;
    if (message != null) {
      call.request(1);
    }
    return message;
  }

  /** No more is wanted, not even what waits. */
  synchronized void close() {
    waiting = null;
    end();
  }

  private synchronized void end() {
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized void onNext(FlightMessage message) {
    if (!ended) {
      waiting = message;
      notifyAll();
    }
  }

  /** The peer ended its stream; what waits is still taken. */
  @Override
  public void onCompleted() {
    end();
  }

  /** The peer went away. */
  @Override
  public void onError(Throwable reason) {
    close();
  }
}
