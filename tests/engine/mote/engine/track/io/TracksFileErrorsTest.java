package mote.engine.track.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong leaves nothing behind and what was there untouched. */
class TracksFileErrorsTest {
  private static final int DISK_BYTES = 1 << 20;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "csv", "json", "npz"})
  void aFullDiskIsSaidAndLeavesWhatWasThere(String suffix) throws IOException {
    try (FileSystem disk =
        Jimfs.newFileSystem(Configuration.unix().toBuilder().setMaxSize(DISK_BYTES).build())) {
      Path out = Files.createDirectory(disk.getPath("/out"));
      Path path = out.resolve("tracks." + suffix);
      TracksFile.write(path, new SomeTracks(0, 5, 3, true));
      byte[] before = Files.readAllBytes(path);
      String seen =
          assertThrows(
                  MoteException.class,
                  () -> TracksFile.write(path, new SomeTracks(0, 900, 400, true)))
              .getMessage();
      assertEquals(
          "file cannot be written: path=/out/tracks.%s, cause=out of disk space; check that the folder exists, may be written and has space"
              .formatted(suffix),
          seen);
      assertEquals(List.of(path), list(out));
      org.junit.jupiter.api.Assertions.assertArrayEquals(before, Files.readAllBytes(path));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"arrow", "csv", "json", "npz"})
  void aStoppedRunsTracksAreWritten(String suffix) throws IOException {
    SomeTracks tracks = new SomeTracks(0, 300, 20, true);
    Path calm = folder.resolve("calm." + suffix);
    Path stopped = folder.resolve("stopped." + suffix);
    TracksFile.write(calm, tracks);
    Thread.currentThread().interrupt();
    TracksFile.write(stopped, tracks);
    assertTrue(Thread.interrupted(), "the interrupt is for the caller to see");
    assertEquals(-1, Files.mismatch(calm, stopped));
  }

  @Test
  void unknownSuffixesAreRefused() {
    for (String name : List.of("tracks.txt", "tracks", ".bashrc", "arrow")) {
      Path path = folder.resolve(name);
      String expected =
          "suffix of the tracks' file is unknown: path="
              + path
              + "; end it in .arrow, .csv, .npz or .json";
      SomeTracks tracks = new SomeTracks(0, 1, 1, true);
      assertEquals(
          expected,
          assertThrows(MoteException.class, () -> TracksFile.write(path, tracks)).getMessage());
      assertEquals(
          expected, assertThrows(MoteException.class, () -> TracksFile.check(path)).getMessage());
    }
  }

  @Test
  void foldersThatCannotBeWrittenAreRefused() throws IOException {
    Path missing = folder.resolve("missing").resolve("tracks.csv");
    Path file = Files.createFile(folder.resolve("file")).resolve("tracks.csv");
    for (Path path : List.of(missing, file)) {
      assertEquals(
          "output folder cannot be written: path=%s, folder=%s; create it or choose another"
              .formatted(path, path.getParent()),
          assertThrows(MoteException.class, () -> TracksFile.check(path)).getMessage());
      String seen =
          assertThrows(
                  MoteException.class, () -> TracksFile.write(path, new SomeTracks(0, 1, 1, true)))
              .getMessage();
      assertTrue(seen.startsWith("file cannot be written: path=" + path + ", cause="), seen);
    }
    Path itself = Files.createDirectory(folder.resolve("folder.csv"));
    assertEquals(
        "output is a folder: path=" + itself + "; name a file in it",
        assertThrows(MoteException.class, () -> TracksFile.check(itself)).getMessage());
    TracksFile.check(folder.resolve("fine.NPZ"));
    assertFalse(Files.exists(folder.resolve("fine.NPZ")));
  }

  @Test
  void arraysBeyondAZipAreRefused() {
    Path path = folder.resolve("tracks.npz");
    assertEquals(
        "tracks are too many for npz: frames=100000000, points=10; write .arrow instead",
        assertThrows(
                MoteException.class,
                () -> TracksFile.write(path, new SomeTracks(0, 100_000_000, 10, true)))
            .getMessage());
    assertFalse(Files.exists(path));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }
}
