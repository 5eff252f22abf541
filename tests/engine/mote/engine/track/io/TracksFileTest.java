package mote.engine.track.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mote.engine.track.TracksReader;
import mote.engine.track.io.SomeTracks.Row;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every row comes back bit for bit from each kind of file. */
class TracksFileTest {
  private static final List<String> COLUMNS =
      List.of("frame", "timestamp_ns", "point", "x", "y", "visibility", "confidence");

  @TempDir Path folder;

  static Stream<SomeTracks> tracks() {
    return Stream.of(
        new SomeTracks(5, 40, 7, true),
        new SomeTracks(0, 12, 5, false),
        new SomeTracks(0, 1, 1, true),
        new SomeTracks(3, 0, 2, true),
        new SomeTracks(2, 200, 400, true));
  }

  @ParameterizedTest
  @MethodSource("tracks")
  void arrow(SomeTracks tracks) throws IOException {
    Path path = folder.resolve("tracks.arrow");
    TracksFile.write(path, tracks);
    List<Row> rows = new ArrayList<>();
    try (RootAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(path);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      assertEquals(
          Map.of(
              "mote.tracks.version",
              "1",
              "mote.model",
              "mote-s \"quoted\"",
              "mote.width",
              "854",
              "mote.height",
              "480"),
          root.getSchema().getCustomMetadata());
      while (reader.loadNextBatch()) {
        assertTrue(root.getRowCount() > 0 && root.getRowCount() <= ArrowTracks.BATCH);
        rows.addAll(rows(root));
      }
    }
    assertEquals(tracks.rows(), rows);
  }

  @ParameterizedTest
  @MethodSource("tracks")
  void batchesInMemory(SomeTracks tracks) throws IOException {
    try (RootAllocator allocator = new RootAllocator()) {
      List<Row> rows = new ArrayList<>();
      long most;
      try (ArrowReader reader = new TracksReader(tracks, allocator, 1000)) {
        while (reader.loadNextBatch()) {
          assertTrue(reader.getVectorSchemaRoot().getRowCount() <= 1000);
          rows.addAll(rows(reader.getVectorSchemaRoot()));
        }
        most = allocator.getPeakMemoryAllocation();
      }
      assertEquals(tracks.rows(), rows);
      assertEquals(0, allocator.getAllocatedMemory());
      assertTrue(most < 1 << 20, "most=" + most);
    }
  }

  @ParameterizedTest
  @MethodSource("tracks")
  void csv(SomeTracks tracks) throws IOException {
    Path path = folder.resolve("tracks.csv");
    TracksFile.write(path, tracks);
    List<String> lines = Files.readAllLines(path);
    assertEquals(String.join(",", COLUMNS), lines.getFirst());
    List<Row> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] f = line.split(",", -1);
      assertEquals(7, f.length);
      rows.add(
          new Row(
              Long.parseLong(f[0]),
              Long.parseLong(f[1]),
              Long.parseLong(f[2]),
              Float.parseFloat(f[3]),
              Float.parseFloat(f[4]),
              Float.parseFloat(f[5]),
              f[6].isEmpty() ? null : Float.valueOf(f[6])));
    }
    assertEquals(tracks.rows(), rows);
  }

  @ParameterizedTest
  @MethodSource("tracks")
  void json(SomeTracks tracks) throws IOException {
    Path path = folder.resolve("tracks.json");
    TracksFile.write(path, tracks);
    JsonNode json = new ObjectMapper().readTree(path.toFile());
    assertEquals(1, json.get("version").asInt());
    assertEquals("mote-s \"quoted\"", json.get("model").asText());
    assertEquals(854, json.get("width").asInt());
    assertEquals(480, json.get("height").asInt());
    assertEquals(tracks.points(), json.get("queries").size());
    for (int point = 0; point < tracks.points(); point++) {
      JsonNode query = json.get("queries").get(point);
      assertEquals(tracks.queries().get(point).frame(), query.get("frame").asLong());
      assertEquals(tracks.queries().get(point).x(), Float.parseFloat(query.get("x").asText()));
      assertEquals(tracks.queries().get(point).y(), Float.parseFloat(query.get("y").asText()));
    }
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : json.get("tracks")) {
      List<String> names = new ArrayList<>();
      row.fieldNames().forEachRemaining(names::add);
      assertEquals(COLUMNS, names);
      JsonNode confidence = row.get("confidence");
      rows.add(
          new Row(
              row.get("frame").asLong(),
              row.get("timestamp_ns").asLong(),
              row.get("point").asLong(),
              Float.parseFloat(row.get("x").asText()),
              Float.parseFloat(row.get("y").asText()),
              Float.parseFloat(row.get("visibility").asText()),
              confidence.isNull() ? null : Float.valueOf(confidence.asText())));
    }
    assertEquals(tracks.rows(), rows);
  }

  @ParameterizedTest
  @MethodSource("tracks")
  void npz(SomeTracks tracks) throws IOException {
    Path path = folder.resolve("tracks.npz");
    TracksFile.write(path, tracks);
    Map<String, Npy> arrays = Npy.load(path);
    int frames = (int) tracks.frames();
    int points = tracks.points();
    assertEquals(
        List.of("tracks", "visibility", "confidence", "queries", "timestamps_ns", "first_frame"),
        List.copyOf(arrays.keySet()));
    assertEquals(List.of(frames, points, 2), arrays.get("tracks").shape());
    assertEquals(List.of(frames, points), arrays.get("visibility").shape());
    assertEquals(List.of(frames, points), arrays.get("confidence").shape());
    assertEquals(List.of(points, 3), arrays.get("queries").shape());
    assertEquals(List.of(frames), arrays.get("timestamps_ns").shape());
    assertEquals(List.of(), arrays.get("first_frame").shape());
    long first = arrays.get("first_frame").data().getLong(0);
    assertEquals(tracks.firstFrame(), first);
    List<Row> rows = new ArrayList<>();
    for (int t = 0; t < frames; t++) {
      long time = arrays.get("timestamps_ns").data().getLong(8 * t);
      assertEquals(tracks.timestampNanos(first + t), time);
      for (int p = 0; p < points; p++) {
        int cell = t * points + p;
        float x = arrays.get("tracks").data().getFloat(8 * cell);
        float y = arrays.get("tracks").data().getFloat(8 * cell + 4);
        float visibility = arrays.get("visibility").data().getFloat(4 * cell);
        float confidence = arrays.get("confidence").data().getFloat(4 * cell);
        assertEquals(Float.isNaN(x), Float.isNaN(y));
        assertEquals(Float.isNaN(x), Float.isNaN(visibility));
        if (!Float.isNaN(x)) {
          rows.add(
              new Row(
                  first + t,
                  time,
                  p,
                  x,
                  y,
                  visibility,
                  Float.isNaN(confidence) ? null : confidence));
        }
      }
    }
    assertEquals(tracks.rows(), rows);
    for (int p = 0; p < points; p++) {
      assertEquals(tracks.queries().get(p).frame(), arrays.get("queries").data().getDouble(24 * p));
      assertEquals(tracks.queries().get(p).x(), arrays.get("queries").data().getDouble(24 * p + 8));
      assertEquals(
          tracks.queries().get(p).y(), arrays.get("queries").data().getDouble(24 * p + 16));
    }
  }

  @Test
  void sameTracksGiveTheSameBytes() throws IOException {
    SomeTracks tracks = new SomeTracks(0, 9, 3, true);
    for (String suffix : List.of("arrow", "csv", "json", "npz")) {
      Path first = folder.resolve("first." + suffix);
      Path second = folder.resolve("second." + suffix);
      TracksFile.write(first, tracks);
      TracksFile.write(second, tracks);
      assertEquals(-1, Files.mismatch(first, second), suffix);
    }
  }

  private static List<Row> rows(VectorSchemaRoot root) {
    List<String> names = root.getSchema().getFields().stream().map(f -> f.getName()).toList();
    assertEquals(COLUMNS, names);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < root.getRowCount(); i++) {
      rows.add(
          new Row(
              ((BigIntVector) root.getVector("frame")).get(i),
              ((BigIntVector) root.getVector("timestamp_ns")).get(i),
              ((BigIntVector) root.getVector("point")).get(i),
              ((Float4Vector) root.getVector("x")).get(i),
              ((Float4Vector) root.getVector("y")).get(i),
              ((Float4Vector) root.getVector("visibility")).get(i),
              ((Float4Vector) root.getVector("confidence")).getObject(i)));
    }
    return rows;
  }
}
