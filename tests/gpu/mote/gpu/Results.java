package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.AtomicFile;
import mote.engine.MoteException;

/**
 * {@code results.json} of an output folder (tests/gpu/results.schema.json): parts, each with rows.
 * The file is written anew after every row, so that whatever ends the run loses none.
 */
final class Results {
  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private final ObjectNode root;

  private Results(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /** Reads what other parts have found, if there is any. */
  static Results open(Path folder) {
    Path file = folder.resolve("results.json");
    try {
      Files.createDirectories(folder);
      if (!Files.exists(file)) {
        return new Results(file, MAPPER.createObjectNode().put("version", 1));
      }
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode found && found.has("version")) {
        return new Results(file, found);
      }
      throw new MoteException(
          "results are of another kind: file=" + file + "; give another folder");
    } catch (IOException e) {
      throw new MoteException(
          "results cannot be read: file=%s, cause=%s; give another folder"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  ObjectNode root() {
    return root;
  }

  /** A part's object, to write to; made where it is not there. */
  private ObjectNode part(String name) {
    return root.withObjectProperty("parts").withObjectProperty(name);
  }

  /** What a part has found; a missing node if it did not begin. */
  JsonNode found(String part) {
    return root.path("parts").path(part);
  }

  /** A part's rows; a missing node, without elements, where there are none. */
  JsonNode rows(String part) {
    return found(part).path("rows");
  }

  /** Begins a part anew: until it ends it counts as cut off. */
  void begin(String part) {
    root.withObjectProperty("parts").putObject(part).put("status", "cut off").putArray("rows");
    write();
  }

  /** Adds a row, any object that Jackson can write. */
  void row(String part, Object row) {
    add(part, "rows", row);
  }

  /** Adds to a list of a part, rows or others. */
  void add(String part, String list, Object value) {
    part(part).withArrayProperty(list).add(MAPPER.<JsonNode>valueToTree(value));
    write();
  }

  /** Sets a field of a part. */
  void note(String part, String name, Object value) {
    part(part).set(name, MAPPER.valueToTree(value));
    write();
  }

  /**
   * Ends a part.
   *
   * @param status {@code passed}, {@code failed}, {@code not measured} or {@code cut off}
   */
  void end(String part, String status, double seconds) {
    part(part).put("status", status).put("seconds", Math.round(seconds * 10) / 10.0);
    write();
  }

  /** Sets a field of the whole document. */
  void set(String name, Object value) {
    root.set(name, MAPPER.valueToTree(value));
    write();
  }

  private void write() {
    AtomicFile.write(file, temporary -> Files.write(temporary, MAPPER.writeValueAsBytes(root)));
  }
}
