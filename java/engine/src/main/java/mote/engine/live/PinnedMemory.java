package mote.engine.live;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import mote.engine.Backend;

/** Memory that is pinned for one backend at a time, and goes on to the one that follows. */
final class PinnedMemory implements AutoCloseable {
  private final List<MemorySegment> pinned = new ArrayList<>();
  private final List<Backend.Pin> pins = new ArrayList<>();

  /**
   * Pins one more piece.
   *
   * @throws mote.engine.MoteException if the device cannot
   */
  void add(Backend backend, MemorySegment memory) {
    pins.add(backend.pin(memory));
    pinned.add(memory);
  }

  /** Pins all of it for another backend. */
  void moveTo(Backend backend) {
    close();
    for (MemorySegment memory : pinned) {
      pins.add(backend.pin(memory));
    }
  }

  /** Nothing is pinned any more; a second call does nothing. */
  @Override
  public void close() {
    while (!pins.isEmpty()) {
      pins.removeLast().close();
    }
  }
}
