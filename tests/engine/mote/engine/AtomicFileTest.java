package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files appear whole or not at all; what is opened is counted. */
final class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void aFailureLeavesTheEarlierFileAndNothingElse() throws IOException {
    Path path = folder.resolve("file.txt");
    AtomicFile.write(path, temporary -> Files.writeString(temporary, "first"));
    MoteException error =
        assertThrows(
            MoteException.class,
            () ->
                AtomicFile.write(
                    path,
                    temporary -> {
                      Files.writeString(temporary, "half");
                      throw new IOException("No space left on device");
                    }));
    assertEquals(
        "file cannot be written: path=%s, cause=No space left on device; check that the folder exists, may be written and has space"
            .formatted(path),
        error.getMessage());
    assertEquals("first", Files.readString(path));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void resourcesAreCountedUntilTheyAreClosed() {
    OpenResources.opened("test");
    OpenResources.opened("test");
    assertEquals(Map.of("test", 2), OpenResources.open());
    OpenResources.closed("test");
    OpenResources.closed("test");
    assertEquals(Map.of(), OpenResources.open());
    assertEquals(
        "resource was closed more often than opened: kind=test; close it once",
        assertThrows(IllegalStateException.class, () -> OpenResources.closed("test")).getMessage());
    assertEquals(Map.of(), OpenResources.open());
  }
}
