package mote.stream;

import mote.engine.MoteException;

/**
 * Hands batches from the thread that receives to the thread that tracks and back. At most one waits
 * at a time, so nothing queues: {@link Policy} says whether the receiver waits too or overtakes. A
 * batch with commands is never overtaken. Nothing is allocated after it was made.
 */
final class Exchange {
  private final Policy policy;
  private final InputBatch[] free;
  private int frees;
  private InputBatch waiting;
  private long dropped;
  private boolean ended;
  private boolean closed;
  private MoteException failure;

  Exchange(Policy policy, InputBatch[] batches) {
    this.policy = policy;
    free = batches.clone();
    frees = free.length;
  }

  /** For the receiver: a batch to receive into, null if nothing more is wanted. */
  synchronized InputBatch take() throws InterruptedException {
    while (frees == 0 && !over()) {
      wait();
    }
    return over() ? null : free[--frees];
  }

  /** For the receiver: hands over a batch that was taken; false if nothing more is wanted. */
  synchronized boolean offer(InputBatch batch) throws InterruptedException {
    while (waiting != null && !over()) {
      if (policy == Policy.LATEST && !waiting.hasCommands()) {
        dropped += waiting.pictures();
        giveBack(waiting);
        waiting = null;
      } else {
        wait();
      }
    }
    if (over()) {
      giveBack(batch);
      return false;
    }
    waiting = batch;
    notifyAll();
    return true;
  }

  /**
   * Says that no more will come; what waits is still tracked. The first reason stays.
   *
   * @param reason null where the peer ended its stream
   * @return whether this was the first to say so, and more was wanted
   */
  synchronized boolean end(MoteException reason) {
    boolean first = !ended && !closed;
    if (!ended) {
      ended = true;
      failure = reason;
      notifyAll();
    }
    return first;
  }

  /** For the tracker: the next batch, null at the end. */
  synchronized InputBatch next() throws InterruptedException {
    while (waiting == null && !ended) {
      wait();
    }
    InputBatch batch = waiting;
    waiting = null;
    notifyAll();
    return batch;
  }

  /** For the tracker: gives a batch back to be received into. */
  synchronized void release(InputBatch batch) {
    giveBack(batch);
    notifyAll();
  }

  /** For the tracker: nothing more is wanted, not even what waits. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /** Frames that were dropped since this was last asked. */
  synchronized long takeDropped() {
    long count = dropped;
    dropped = 0;
    return count;
  }

  /** Why the stream ended, null where the peer ended it. */
  synchronized MoteException failure() {
    return failure;
  }

  private boolean over() {
    return ended || closed;
  }

  private void giveBack(InputBatch batch) {
    free[frees++] = batch;
  }
}
