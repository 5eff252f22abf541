package mote.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import mote.engine.Backend;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * Pictures on their way to the device and through the encoder, two at once at most, on a stream of
 * their own. A picture is copied once by the host, into a pinned buffer, or where it lies in memory
 * that was pinned ({@link #pin}) not at all: the copy engine reads it there.
 */
final class Encodings implements AutoCloseable {
  /** Pictures that may be on their way at once. */
  private static final int PICTURES = 2;

  private final Plan plan;
  private final Context context;
  private final DeviceBuffer picture;
  private final PinnedBuffer[] staging = new PinnedBuffer[PICTURES];
  private final long bytes;
  private final List<PinnedRange> pins = new ArrayList<>();

  /** Header and picture from a staging buffer, then the encoder. */
  private final Graph[] staged = new Graph[PICTURES];

  private final Stream.Event[] copied = new Stream.Event[PICTURES];
  private final Stream.Event[] encoded = new Stream.Event[PICTURES];

  /** The encoder alone. */
  private Graph bare;

  private Stream stream;

  /** The number of the encoding that filled each slot; encodings count from 1. */
  private final long[] ofSlot;

  private long begun;

  /** Encodings up to this one are over, as somebody has waited for them. */
  private long over;

  /** Encodings up to this one have read their pictures. */
  private long read;

  /** The newest whose picture lies in pinned memory. */
  private long newestPinned;

  private long awaited;

  /** Declares everything; {@link #open} follows when there is memory. */
  Encodings(Plan plan, Context context, Memory memory) {
    this.plan = plan;
    this.context = context;
    bytes = 3L * plan.sourceWidth() * plan.sourceHeight();
    picture = memory.device("picture", CallLayout.HEADER + bytes);
    for (int i = 0; i < PICTURES; i++) {
      staging[i] = memory.pinned("picture " + i, CallLayout.HEADER + bytes);
    }
    ofSlot = new long[plan.slots()];
  }

  /** A CallHeader, the picture behind it. */
  DeviceBuffer picture() {
    return picture;
  }

  /**
   * @param encoder the launches from {@link #picture} to a slot
   */
  void open(Stream on, List<Launch> encoder) {
    stream = on;
    bare = on.capture(() -> encoder.forEach(launch -> launch.run(on)));
    for (int i = 0; i < PICTURES; i++) {
      PinnedBuffer from = staging[i];
      staged[i] =
          on.capture(
              () -> {
                on.upload(picture, from, CallLayout.HEADER + bytes);
                encoder.forEach(launch -> launch.run(on));
              });
      copied[i] = new Stream.Event();
      encoded[i] = new Stream.Event();
    }
  }

  private int place(long encoding) {
    return (int) (encoding % PICTURES);
  }

  /** As {@link Backend#encode}; returns while the device works. */
  void encode(int slot, MemorySegment frame, long rowStrideBytes) {
    long encoding = begun + 1;
    int place = place(encoding);
    if (encoding - PICTURES > over) {
      encoded[place].synchronise();
      over = encoding - PICTURES;
    }
    MemorySegment host = staging[place].segment();
    host.set(ValueLayout.JAVA_INT, Refiner.SLOT, slot);
    long row = 3L * plan.sourceWidth();
    if (rowStrideBytes == row && pinned(frame.address())) {
      stream.upload(picture, staging[place], CallLayout.HEADER);
      stream.upload(picture, CallLayout.HEADER, frame.address(), bytes);
      copied[place].record(stream);
      bare.launch(stream);
      newestPinned = encoding;
    } else {
      for (int y = 0; y < plan.sourceHeight(); y++) {
        MemorySegment.copy(frame, y * rowStrideBytes, host, CallLayout.HEADER + y * row, row);
      }
      staged[place].launch(stream);
    }
    encoded[place].record(stream);
    begun = encoding;
    ofSlot[slot] = encoding;
  }

  private boolean pinned(long address) {
    for (int i = 0; i < pins.size(); i++) {
      if (pins.get(i).holds(address, bytes)) {
        return true;
      }
    }
    return false;
  }

  /** Lets a stream's work begin after the encoding of a slot, and only that. */
  void await(Stream refining, int slot) {
    await(refining, ofSlot[slot]);
  }

  /** As {@link #await(Stream, int)}, of the first {@code count} slots. */
  void await(Stream refining, int[] slots, int count) {
    long latest = 0;
    for (int s = 0; s < count; s++) {
      latest = Math.max(latest, ofSlot[slots[s]]);
    }
    await(refining, latest);
  }

  private void await(Stream refining, long encoding) {
    // What is older was waited for before its event was used again.
    if (encoding > Math.max(over, begun - PICTURES)) {
      refining.await(encoded[place(encoding)]);
    }
    awaited = Math.max(awaited, encoding);
  }

  /** What waited for encodings was waited for itself. */
  void waited() {
    over = Math.max(over, awaited);
  }

  /** As {@link Backend#awaitPictures}. */
  void awaitPictures() {
    if (newestPinned > Math.max(over, read)) {
      copied[place(newestPinned)].synchronise();
    }
    read = newestPinned;
  }

  /** As {@link Backend#pin}. */
  Backend.Pin pin(MemorySegment memory) {
    if (!memory.isNative() || memory.byteSize() == 0) {
      throw new IllegalArgumentException(
          "memory cannot be pinned: native=%b, bytes=%d; give native memory"
              .formatted(memory.isNative(), memory.byteSize()));
    }
    PinnedRange range = new PinnedRange(memory);
    pins.add(range);
    return () -> unpin(range);
  }

  /** Waits for copies that still read the memory; does nothing where all was closed before. */
  private void unpin(PinnedRange range) {
    if (pins.remove(range)) {
      context.use();
      try {
        awaitPictures();
      } finally {
        range.close();
      }
    }
  }

  @Override
  public void close() {
    MoteException failure = null;
    while (!pins.isEmpty()) {
      try {
        pins.removeLast().close();
      } catch (MoteException e) { // after an error that sticks; the context's end frees them all
        failure = failure == null ? e : failure;
      }
    }
    for (int i = 0; i < PICTURES; i++) {
      Teardown.close(staged[i]);
      Teardown.close(copied[i]);
      Teardown.close(encoded[i]);
    }
    Teardown.close(bare);
    if (failure != null) {
      throw failure;
    }
  }
}
