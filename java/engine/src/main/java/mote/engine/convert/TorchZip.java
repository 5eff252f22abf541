package mote.engine.convert;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import mote.engine.MoteException;
import mote.engine.Untrusted;
import mote.engine.convert.TensorReference.Storage;

/**
 * The zip that {@code torch.save} writes since torch 1.6: {@code NAME/data.pkl}, {@code
 * NAME/data/KEY} for each storage, {@code NAME/version} and, since torch 2.1, {@code
 * NAME/byteorder}. Entries are read whole and compared with their checksum; an entry's size is
 * checked before it is read.
 */
final class TorchZip implements AutoCloseable {
  private static final int MOST_PICKLE_BYTES = 16 << 20;
  private static final int MOST_NOTE_BYTES = 64;
  private static final String PICKLE = "/data.pkl";

  private final Path path;
  private final ZipFile zip;
  private final String root;

  private TorchZip(Path path, ZipFile zip) {
    this.path = path;
    this.zip = zip;
    root = root();
    note("version");
    if (zip.getEntry(root + "/byteorder") != null && !note("byteorder").equals("little")) {
      throw new MoteException(
          "checkpoint has another byte order: path=%s, byteorder=%s; save it on a little-endian machine"
              .formatted(path, Untrusted.quote(note("byteorder"))));
    }
  }

  /**
   * Opens a checkpoint.
   *
   * @throws MoteException if it is missing, truncated or not of this format
   */
  static TorchZip open(Path path) {
    ZipFile zip;
    try {
      refuseOldFormat(path);
      zip = new ZipFile(path.toFile());
    } catch (NoSuchFileException e) {
      throw new MoteException("checkpoint does not exist: path=" + path + "; check the name", e);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(path, "zip", String.valueOf(e.getMessage()));
    }
    try {
      return new TorchZip(path, zip);
    } catch (RuntimeException e) {
      try (zip) {
        throw e;
      } catch (IOException closing) {
        e.addSuppressed(closing);
        throw e;
      }
    }
  }

  byte[] pickle() {
    return read(PICKLE, -1, MOST_PICKLE_BYTES);
  }

  /** The bytes of a storage, as many as the pickle says that it has. */
  byte[] storage(Storage storage) {
    long bytes = storage.size() * storage.type().bytes();
    return read("/data/" + storage.key(), bytes, Integer.MAX_VALUE - 8);
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw damaged(path, "zip", String.valueOf(e.getMessage()));
    }
  }

  /** Before torch 1.6 a checkpoint was a row of pickles, the first of them this number. */
  private static void refuseOldFormat(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new MoteException("checkpoint is a folder: path=" + path + "; give a .pth file");
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(path)) {
      head = in.readNBytes(4);
    }
    if (head.length == 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4) {
      return;
    }
    if (head.length == 4 && (head[0] & 0xff) == 0x80 && head[2] == (byte) 0x8a) {
      throw new MoteException(
          "checkpoint is in the format of torch before 1.6: path="
              + path
              + "; save it anew: torch.save(torch.load(IN), OUT)");
    }
    throw new MoteException(
        "checkpoint is no zip of torch: path=" + path + "; give what torch.save wrote");
  }

  private String root() {
    List<String> pickles =
        zip.stream().map(ZipEntry::getName).filter(name -> name.endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw new MoteException(
          "checkpoint is no zip of torch: path=%s, pickles=%d; give what torch.save wrote"
              .formatted(path, pickles.size()));
    }
    String name = pickles.getFirst();
    return name.substring(0, name.length() - PICKLE.length());
  }

  private String note(String name) {
    return new String(read("/" + name, -1, MOST_NOTE_BYTES), StandardCharsets.UTF_8).strip();
  }

  /**
   * An entry whole.
   *
   * @param expected bytes that it must have, or -1
   */
  private byte[] read(String name, long expected, int most) {
    ZipEntry entry = zip.getEntry(root + name);
    if (entry == null || entry.isDirectory()) {
      throw damaged(path, name, "missing");
    }
    long size = entry.getSize();
    if (size < 0 || size > most) {
      throw damaged(path, name, size + " bytes of at most " + most);
    }
    if (expected >= 0 && size != expected) {
      throw damaged(path, name, size + " bytes instead of " + expected);
    }
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes((int) size);
      if (bytes.length != size || in.read() >= 0) {
        throw damaged(path, name, "another length than it says");
      }
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(path, name, String.valueOf(e.getMessage()));
    }
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    if (checksum.getValue() != entry.getCrc()) {
      throw damaged(path, name, "another checksum than it says");
    }
    return bytes;
  }

  private static MoteException damaged(Path path, String entry, String cause) {
    return new MoteException(
        "checkpoint is damaged: path=%s, entry=%s, cause=%s; fetch it again"
            .formatted(path, entry, Untrusted.quote(cause)));
  }
}
