package mote.stream;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import mote.engine.MoteException;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * One peer: a thread that receives and a thread that tracks and answers, with a tracker of its own.
 * Whatever the peer does ends in an answer or an error of the protocol, and touches no other
 * connection.
 */
final class Connection {
  /** How long a peer that was told why may take to hear it, before its connection is cut. */
  static final Duration LINGER = Duration.ofSeconds(1);

  private final String peer;
  private final Link link;
  private final Berth berth;
  private final StreamOptions options;
  private final byte[] schema;
  private final Exchange exchange;
  private final RowTracker tracker;
  private final long timeoutNanos;
  private long dropped;

  /** Since when the peer is waited for, by {@link System#nanoTime}; 0 where it is not. */
  private volatile long receiving;

  private volatile long sending;

  /** Since when nothing is being tracked; 0 while the peer is owed an answer. */
  private volatile long idle;

  private volatile boolean stopping;
  private volatile boolean stalled;

  Connection(
      String peer,
      Link link,
      Berth berth,
      StreamOptions options,
      byte[] schema,
      PointEngine.Opener engines) {
    this.peer = peer;
    this.link = link;
    this.berth = berth;
    this.options = options;
    this.schema = schema;
    exchange = new Exchange(options.policy(), berth.batches());
    tracker = new RowTracker(engines, berth);
    timeoutNanos = options.timeout().toNanos();
  }

  /** Serves the peer to its end; the berth is free and the link closed when this returns. */
  StreamReport run() {
    Thread receiver =
        Thread.ofPlatform().daemon().name("mote-stream receiver " + peer).start(this::receive);
    String error = null;
    try (tracker) {
      error = serve();
    } catch (IOException e) {
      error = stalled ? stalledMessage() : lost(e).getMessage();
    } finally {
      exchange.close();
      end(receiver);
    }
    return new StreamReport(peer, tracker.frames(), dropped + exchange.takeDropped(), error);
  }

  /** Ends the connection kindly: what was received is answered, and the peer is told. */
  void stop() {
    stopping = true;
    exchange.end(
        new MoteException("server is stopping: peer=" + peer + "; connect again when it is back"));
  }

  /** Ends what takes too long; called every now and then. */
  void watch(long now) {
    long since = receiving;
    long idleSince = idle;
    if (since != 0 && idleSince != 0 && now - Math.max(since, idleSince) > timeoutNanos) {
      receiving = 0;
      exchange.end(
          new ProtocolException(
              "peer is silent: seconds=%s; send a whole message in that time, an empty one will do"
                  .formatted(seconds())));
    }
    since = sending;
    long most = stopping ? Math.min(timeoutNanos, LINGER.toNanos()) : timeoutNanos;
    if (since != 0 && now - since > most) {
      stalled = true;
      closeLink();
    }
  }

  /** Returns why the stream ended, null where the peer ended it. */
  private String serve() throws IOException {
    AnswerWriter answers = berth.answers();
    answers.start(new TimedOutput(), schema);
    String error = null;
    try {
      track();
      if (exchange.failure() != null) {
        error = exchange.failure().getMessage();
      }
    } catch (MoteException | IllegalArgumentException e) {
      error = e.getMessage();
    } catch (OutOfMemoryError e) {
      error = "memory ran out: peer=" + peer + "; send smaller frames, or allow fewer points";
    } catch (RuntimeException e) {
      error = "tracking failed: error=" + e + "; please report it";
    } catch (InterruptedException e) {
      error = "tracking was interrupted: peer=" + peer + "; connect again";
    }
    if (error != null) {
      long last = exchange.takeDropped();
      dropped += last;
      answers.error(error, last);
    }
    answers.end();
    link.endOutput();
    return error;
  }

  private void track() throws IOException, InterruptedException {
    for (InputBatch batch = next(); batch != null; batch = next()) {
      for (int row = 0; row < batch.rows(); row++) {
        long last = exchange.takeDropped();
        dropped += last;
        tracker.track(batch, row, last);
      }
      exchange.release(batch);
    }
  }

  private InputBatch next() throws InterruptedException {
    idle = now();
    InputBatch batch = exchange.next();
    idle = 0;
    return batch;
  }

  private void receive() {
    MoteException reason = new MoteException("receiving failed: peer=" + peer + "; report it");
    boolean whole = false;
    try {
      berth.reader().start(link);
      receiving = now();
      berth.reader().readSchema(options.token());
      while (receiveBatch()) {
        // until the peer ends its stream, or nothing more is wanted
      }
      whole = true;
      reason = null;
    } catch (MoteException e) {
      reason = e;
    } catch (IOException e) {
      reason = lost(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      receiving = 0;
      boolean wanted = exchange.end(reason);
      if (!whole || !wanted) {
        drain();
      }
    }
  }

  /** Returns false where the stream ended or nothing more is wanted. */
  private boolean receiveBatch() throws IOException, InterruptedException {
    MessageReader reader = berth.reader();
    receiving = now();
    RecordBatch head = reader.readHead();
    receiving = 0; // here the peer waits for us
    InputBatch batch = head == null ? null : exchange.take();
    if (batch == null) {
      return false;
    }
    batch.readHead(head, reader.bodyBytes());
    receiving = now();
    reader.readBody(batch.body());
    receiving = 0;
    batch.checkRows();
    if (batch.rows() == 0) { // a sign of life
      exchange.release(batch);
      return true;
    }
    return exchange.offer(batch);
  }

  /**
   * Reads on after the end: a socket that is closed with something unread resets the connection,
   * and the peer would never hear why. {@link #end} sets the limit.
   */
  private void drain() {
    try {
      berth.reader().drain();
    } catch (IOException e) {
      // the peer is gone, or the link was closed
    }
  }

  /** Gives the peer time to hear the end, then closes the link; the receiver is gone after it. */
  private void end(Thread receiver) {
    try {
      receiver.join(LINGER);
      closeLink();
      receiver.join();
    } catch (InterruptedException e) {
      closeLink();
      Thread.currentThread().interrupt();
    }
  }

  void closeLink() {
    try {
      link.close();
    } catch (IOException e) {
      // there is nothing more to lose
    }
  }

  private MoteException lost(IOException e) {
    return new MoteException(
        "connection was lost: peer=%s, error=%s; connect again".formatted(peer, e.getMessage()), e);
  }

  private String stalledMessage() {
    return "peer does not take its answers: seconds=%s; read them while sending"
        .formatted(seconds());
  }

  private String seconds() {
    return String.valueOf(options.timeout().toMillis() / 1e3);
  }

  private static long now() {
    return System.nanoTime() | 1; // 0 has a meaning of its own
  }

  /** The link with a clock. */
  private final class TimedOutput implements WritableByteChannel {
    @Override
    public int write(ByteBuffer from) throws IOException {
      sending = now();
      try {
        return link.write(from);
      } finally {
        sending = 0;
      }
    }

    @Override
    public boolean isOpen() {
      return link.isOpen();
    }

    @Override
    public void close() {} // the link is closed by the connection
  }
}
