package mote.media;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Memory that somebody else owns, as JavaCPP's FFmpeg wants to see it, and the way back. */
final class NativeAddress extends BytePointer {
  NativeAddress(long address) {
    super((Pointer) null);
    this.address = address;
  }

  /** FFmpeg's memory as a segment of that many bytes, valid as long as FFmpeg keeps it. */
  @SuppressWarnings("restricted") // reinterpret: callers give the size that they asked FFmpeg for
  static MemorySegment segment(Pointer pointer, long bytes) {
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }
}
