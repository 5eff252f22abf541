package mote.media;

import java.lang.foreign.MemorySegment;

/** Turns RGB frames into a file under a temporary name. Used by one thread at a time. */
interface FrameEncoder extends AutoCloseable {
  /**
   * Takes a frame over; its memory is free again on return.
   *
   * @param rgb height * width RGB triples
   * @param nanos time since the first frame, not falling
   */
  void encode(MemorySegment rgb, long nanos);

  /** Writes what is held back and the file's end: the file is playable afterwards. */
  void finish();

  /** Frees everything; without {@link #finish} the file is not playable. */
  @Override
  void close();
}
