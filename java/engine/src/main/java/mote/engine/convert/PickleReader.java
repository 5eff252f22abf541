package mote.engine.convert;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * The bytes of a pickle, read in order; everything beyond their end is an error with its offset.
 */
final class PickleReader {
  /** Names of classes and functions, longer ones are not sound. */
  private static final int LONGEST_LINE = 256;

  private final Path path;
  private final ByteBuffer bytes;

  /**
   * @param path of the checkpoint, for messages
   */
  PickleReader(Path path, byte[] pickle) {
    this.path = path;
    bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  int unsignedByte() {
    need(1);
    return bytes.get() & 0xff;
  }

  int unsignedShort() {
    need(Short.BYTES);
    return bytes.getShort() & 0xffff;
  }

  int signedInt() {
    need(Integer.BYTES);
    return bytes.getInt();
  }

  long unsignedInt() {
    return signedInt() & 0xffff_ffffL;
  }

  long signedLong() {
    need(Long.BYTES);
    return bytes.getLong();
  }

  /** A float64 in big-endian order, as pickle has it. */
  double bigEndianDouble() {
    return Double.longBitsToDouble(Long.reverseBytes(signedLong()));
  }

  /** A two's complement integer of that many bytes, least significant first. */
  long integer(long size) {
    if (size > Long.BYTES) {
      throw malformed("an integer of " + size + " bytes");
    }
    need(size);
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bytes.get() & 0xffL) << (8 * i);
    }
    int unused = 64 - 8 * (int) size;
    return size == 0 ? 0 : value << unused >> unused;
  }

  /** A text of that many bytes of UTF-8. */
  String text(long size) {
    need(size);
    ByteBuffer slice = bytes.slice(bytes.position(), (int) size);
    bytes.position(bytes.position() + (int) size);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
    } catch (CharacterCodingException e) {
      throw malformed("text that is not UTF-8");
    }
  }

  /** A text up to the end of the line. */
  String line() {
    int start = bytes.position();
    int end = start;
    while (end < bytes.limit() && bytes.get(end) != '\n') {
      end++;
    }
    if (end == bytes.limit() || end - start > LONGEST_LINE) {
      throw malformed("a name that does not end");
    }
    String line = text(end - start);
    bytes.get();
    return line;
  }

  MoteException malformed(String what) {
    return new MoteException(
        "checkpoint's pickle is malformed: path=%s, offset=%d, found=%s; nothing was executed, fetch the file again"
            .formatted(path, bytes.position(), what));
  }

  /**
   * @param callable what the pickle names, from outside
   */
  MoteException refused(String callable) {
    return new MoteException(
        "checkpoint tries to call something: path=%s, offset=%d, callable=%s; nothing was executed, give a checkpoint that holds tensors, plain containers and numbers only"
            .formatted(path, bytes.position(), Untrusted.quote(callable)));
  }

  private void need(long size) {
    if (size < 0 || size > bytes.remaining()) {
      throw malformed("its end");
    }
  }
}
