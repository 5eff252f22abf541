package mote.engine.convert;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A pickle written operation by operation. */
final class Pickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Pickle() {
    raw(0x80, 2);
  }

  Pickle raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  Pickle global(String module, String name) {
    return raw('c').ascii(module + "\n" + name + "\n");
  }

  Pickle stackGlobal(String module, String name) {
    return text(module).text(name).raw(0x93);
  }

  Pickle text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    raw('X').little(utf8.length, 4);
    out.writeBytes(utf8);
    return this;
  }

  Pickle number(int value) {
    return raw('J').little(value, 4);
  }

  Pickle little(long value, int bytes) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(all, 0, bytes);
    return this;
  }

  Pickle ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** A storage by persistent id. */
  Pickle storage(String key, int size) {
    return raw('(')
        .text("storage")
        .global("torch", "FloatStorage")
        .text(key)
        .text("cpu")
        .number(size)
        .raw('t', 'Q');
  }

  /** A tensor of one dimension in a storage. */
  Pickle tensor(int storageSize, int offset, int size, int stride) {
    global("torch._utils", "_rebuild_tensor_v2").raw('(').storage("0", storageSize).number(offset);
    number(size).raw(0x85).number(stride).raw(0x85, 0x89);
    return global("collections", "OrderedDict").raw(')', 'R').raw('t', 'R');
  }

  byte[] stop() {
    return raw('.').out.toByteArray();
  }
}
