package mote.engine.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zips that are not what torch writes. */
class TorchZipTest {
  @TempDir Path folder;

  @Test
  void filesOfOtherFormatsAreRefused() throws IOException {
    Path old = Pth.fixture("before-1.6.pth");
    assertEquals(
        "checkpoint is in the format of torch before 1.6: path="
            + old
            + "; save it anew: torch.save(torch.load(IN), OUT)",
        message(old));
    Path missing = folder.resolve("missing.pth");
    assertEquals(
        "checkpoint does not exist: path=" + missing + "; check the name", message(missing));
    assertEquals("checkpoint is a folder: path=" + folder + "; give a .pth file", message(folder));
    Path text = Files.writeString(folder.resolve("text.pth"), "<html>not found</html>");
    Path empty = Files.createFile(folder.resolve("empty.pth"));
    for (Path path : new Path[] {text, empty}) {
      assertEquals(
          "checkpoint is no zip of torch: path=" + path + "; give what torch.save wrote",
          message(path));
    }
    Path other = Pth.write(folder.resolve("other.pth"), Map.of("a/b", new byte[3]));
    assertEquals(
        "checkpoint is no zip of torch: path=" + other + ", pickles=0; give what torch.save wrote",
        message(other));
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(Pth.fixture("pips-tiny.pth"));
    for (int length : new int[] {5, 100, whole.length / 2, whole.length - 1}) {
      Path path = Files.write(folder.resolve("in.pth"), Arrays.copyOf(whole, length));
      String message = message(path);
      assertTrue(
          message.startsWith("checkpoint is damaged: path=" + path + ", entry=zip, cause="),
          message);
    }
  }

  @Test
  void changedBytesAreNoticed() throws IOException {
    byte[] whole = Files.readAllBytes(Pth.fixture("pips-tiny.pth"));
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    whole[text.indexOf("optimizer_state_dict")] ^= 1;
    Path path = Files.write(folder.resolve("in.pth"), whole);
    assertEquals(
        "checkpoint is damaged: path=%s, entry=/data.pkl, cause=\"another checksum than it says\"; fetch it again"
            .formatted(path),
        message(path));
  }

  @Test
  void otherByteOrderAndMissingVersionAreRefused() throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    entries.put("pips-tiny/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
    Path big = Pth.write(folder.resolve("big.pth"), entries);
    assertEquals(
        "checkpoint has another byte order: path=%s, byteorder=\"big\"; save it on a little-endian machine"
            .formatted(big),
        message(big));
    entries.remove("pips-tiny/byteorder");
    Path older = Pth.write(folder.resolve("older.pth"), entries);
    try (TorchZip zip = TorchZip.open(older)) {
      assertTrue(zip.pickle().length > 1000);
    }
    entries.remove("pips-tiny/version");
    Path none = Pth.write(folder.resolve("none.pth"), entries);
    assertEquals(
        "checkpoint is damaged: path=%s, entry=/version, cause=\"missing\"; fetch it again"
            .formatted(none),
        message(none));
  }

  @Test
  void aPickleThatInflatesIsRefusedUnread() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("a/version"));
      zip.write('3');
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 40; i++) {
        zip.write(zeros);
      }
    }
    assertTrue(bytes.size() < 1 << 16);
    Path path = Files.write(folder.resolve("bomb.pth"), bytes.toByteArray());
    assertEquals(
        "checkpoint is damaged: path=%s, entry=/data.pkl, cause=\"41943040 bytes of at most 16777216\"; fetch it again"
            .formatted(path),
        message(path));
  }

  @Test
  void storagesLargerThanTheModelAreRefusedUnread() throws IOException {
    Map<String, byte[]> entries = Pth.tiny();
    String pickle = new String(entries.get("pips-tiny/data.pkl"), StandardCharsets.ISO_8859_1);
    // BININT 2304, the storage's size, to a larger number: the tensor then lies inside it still.
    String size = "M\u0000\u0009tr";
    assertTrue(pickle.contains(size));
    String larger = "J\u0000\u0000\u0000\u0070tr";
    entries.put(
        "pips-tiny/data.pkl", pickle.replace(size, larger).getBytes(StandardCharsets.ISO_8859_1));
    Path path = Pth.write(folder.resolve("in.pth"), entries);
    String message = message(path);
    assertTrue(
        message.matches(
            "checkpoint's storages are larger than the model: path=.*, storage=\\d+,"
                + " most_bytes=231952; save the model alone"),
        message);
  }

  private String message(Path path) {
    Path out = folder.resolve("out.safetensors");
    return assertThrows(MoteException.class, () -> CheckpointConverter.convert(path, out, Pth.TINY))
        .getMessage();
  }
}
