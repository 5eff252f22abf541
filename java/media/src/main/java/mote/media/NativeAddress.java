package mote.media;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/** Memory that somebody else owns, as JavaCPP's FFmpeg wants to see it. */
final class NativeAddress extends BytePointer {
  NativeAddress(long address) {
    super((Pointer) null);
    this.address = address;
  }
}
