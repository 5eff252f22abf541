package mote.engine.track.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that are appended make the files that whole tracks make. */
class TracksAppenderTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  @Test
  void csvIsByteForByteThatOfWholeTracks() throws IOException {
    for (boolean confidence : new boolean[] {true, false}) {
      SomeTracks tracks = new SomeTracks(5, 60, 20, confidence);
      Path whole = folder.resolve("whole.csv");
      TracksFile.write(whole, tracks);
      Path grown = folder.resolve("grown.csv");
      append(tracks, grown);
      assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(grown));
    }
  }

  @Test
  void arrowHasTheSchemaAndRowsOfWholeTracks() throws IOException {
    SomeTracks tracks = new SomeTracks(2, 200, 60, false); // several batches
    Path whole = folder.resolve("whole.arrow");
    TracksFile.write(whole, tracks);
    Path grown = folder.resolve("grown.arrow");
    append(tracks, grown);
    assertEquals(text(whole), text(grown));
  }

  private static void append(SomeTracks tracks, Path file) {
    try (TracksAppender appender =
        new TracksAppender(file, tracks.model(), tracks.width(), tracks.height())) {
      long rows = 0;
      for (long frame = tracks.firstFrame();
          frame < tracks.firstFrame() + tracks.frames();
          frame++) {
        for (int point = 0; point < tracks.queries().size(); point++) {
          if (tracks.has(frame, point)) {
            rows++;
            appender.append(
                frame,
                tracks.timestampNanos(frame),
                point,
                tracks.x(frame, point),
                tracks.y(frame, point),
                tracks.visibility(frame, point),
                tracks.confidence(frame, point));
          }
        }
      }
      assertFalse(Files.exists(file) && rows == 0);
      assertEquals(rows, appender.finish());
    }
  }

  private static String text(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    try (RootAllocator allocator = new RootAllocator();
        var channel = Files.newByteChannel(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      text.append(reader.getVectorSchemaRoot().getSchema()).append('\n');
      while (reader.loadNextBatch()) {
        reader
            .getVectorSchemaRoot()
            .contentToTSVString()
            .lines()
            .skip(1)
            .forEach(line -> text.append(line).append('\n'));
      }
    }
    return text.toString();
  }

  @Test
  void withoutFinishNothingIsLeft() throws IOException {
    for (String name : List.of("t.csv", "t.arrow")) {
      Path file = folder.resolve(name);
      TracksAppender appender = new TracksAppender(file, "m", 4, 4);
      try (appender) {
        appender.append(0, 0, 0, 1, 1, 1, Float.NaN);
        assertEquals(1, appender.rows());
      }
      appender.close();
      assertEquals(
          "TracksAppender is closed: file=" + file + "; open it again",
          assertThrows(IllegalStateException.class, () -> appender.append(0, 0, 0, 1, 1, 1, 1))
              .getMessage());
    }
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void formsThatCannotGrowAreRefused() {
    assertEquals(
        "tracks without an end cannot be written in this form: path=t.npz; end it in .arrow or .csv",
        assertThrows(MoteException.class, () -> TracksAppender.requireSuffix(Path.of("t.npz")))
            .getMessage());
  }
}
