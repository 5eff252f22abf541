package mote.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The parser of mote.arch and the schema file accept and refuse the same documents. */
final class ArchitectureJsonTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String[] VALUES = {
    "null",
    "true",
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "8.0",
    "8.5",
    "16",
    "48",
    "49",
    "64",
    "65",
    "128",
    "512",
    "520",
    "1024",
    "2048",
    "2056",
    "-4",
    "1e2",
    "1e-3",
    "1e300",
    "\"\"",
    "\"pips\"",
    "\"mote\"",
    "\"8\"",
    "\"red \\u001b[31m\"",
    "\"line\\n\"",
    "\"\\u0085\"",
    "\"\\u202elave\"",
    "[]",
    "{}",
    "[8,8,8,8]",
    "[8,8,8]",
    "[8,8,8,9]",
    "[8,8,8,8,8]"
  };

  private static final Architecture FINE = Architecture.moteS().with(new Architecture.Fine(2, 1));

  private final JsonSchema schema = schema();

  private static JsonSchema schema() {
    try {
      String text = Files.readString(Path.of("weights/mote.arch.schema.json"));
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(text);
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error);
    }
  }

  @Test
  void whatIsWrittenIsReadBackAndFitsTheSchema() {
    for (Architecture architecture : List.of(Architecture.pips(), Architecture.moteS(), FINE)) {
      String json = architecture.toJson();
      assertEquals(architecture, Architecture.fromJson(json));
      assertTrue(schema.validate(json, InputFormat.JSON).isEmpty());
    }
  }

  @Test
  void parametersAreCounted() {
    assertEquals(28_677_713, Architecture.pips().parameters());
    assertEquals(866_972, Architecture.moteS().parameters());
    assertEquals(2 * 866_972, FINE.parameters());
  }

  @Test
  void parserAndSchemaAgreeOnEverySingleChange() throws IOException {
    int accepted = 0;
    int documents = 0;
    for (Architecture architecture : List.of(Architecture.pips(), Architecture.moteS(), FINE)) {
      JsonNode original = MAPPER.readTree(architecture.toJson());
      for (List<String> field : fields(original)) {
        assertAgree(without(original, field));
        for (String value : VALUES) {
          accepted += assertAgree(with(original, field, value)) ? 1 : 0;
          documents++;
        }
      }
    }
    assertTrue(documents > 1500 && accepted > 100, documents + " documents, " + accepted);
  }

  @Test
  void parserAndSchemaAgreeOnManyChangesAtOnce() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 5_000; i++) {
      Architecture start =
          List.of(Architecture.pips(), Architecture.moteS(), FINE).get(random.nextInt(3));
      JsonNode document = MAPPER.readTree(start.toJson());
      int changes = 1 + random.nextInt(3);
      for (int c = 0; c < changes; c++) {
        List<List<String>> fields = fields(document);
        List<String> field = fields.get(random.nextInt(fields.size()));
        document =
            random.nextInt(5) == 0
                ? without(document, field)
                : with(document, field, VALUES[random.nextInt(VALUES.length)]);
        if (!document.isObject() || fields(document).isEmpty()) {
          break;
        }
      }
      assertAgree(document);
    }
  }

  private boolean assertAgree(JsonNode document) {
    String json = document.toString();
    boolean fitsSchema = schema.validate(json, InputFormat.JSON).isEmpty();
    String refusal = null;
    try {
      Architecture.fromJson(json);
    } catch (MoteException error) {
      refusal = error.getMessage();
    }
    assertEquals(fitsSchema, refusal == null, json + ": " + refusal);
    return fitsSchema;
  }

  /** Paths of all values of a document, and of fields that the other family has. */
  private static List<List<String>> fields(JsonNode document) {
    List<List<String>> fields = new ArrayList<>();
    document
        .properties()
        .forEach(
            entry -> {
              fields.add(List.of(entry.getKey()));
              entry
                  .getValue()
                  .properties()
                  .forEach(inner -> fields.add(List.of(entry.getKey(), inner.getKey())));
            });
    for (List<String> other :
        List.of(
            List.of("encoder", "neck"),
            List.of("correlation", "support"),
            List.of("correlation", "width"),
            List.of("correlation", "scale"),
            List.of("mixer", "unknown"),
            List.of("unknown"))) {
      if (other.size() == 1 || document.path(other.get(0)).isObject()) {
        fields.add(other);
      }
    }
    return fields;
  }

  private static JsonNode with(JsonNode document, List<String> field, String value)
      throws IOException {
    ObjectNode copy = document.deepCopy();
    parent(copy, field).set(field.getLast(), MAPPER.readTree(value));
    return copy;
  }

  private static JsonNode without(JsonNode document, List<String> field) {
    ObjectNode copy = document.deepCopy();
    parent(copy, field).remove(field.getLast());
    return copy;
  }

  private static ObjectNode parent(ObjectNode document, List<String> field) {
    return field.size() == 1 ? document : (ObjectNode) document.get(field.getFirst());
  }

  @Test
  void everyChannelIsChecked() throws IOException {
    ObjectNode document = (ObjectNode) MAPPER.readTree(Architecture.moteS().toJson());
    ((ArrayNode) document.get("encoder").get("channels")).set(3, 12);
    assertAgree(document);
    assertEquals(
        "mote.arch has a value out of range: encoder.channels=12, expected=8 to 512 in steps of 8; see weights/mote.arch.schema.json",
        message(document.toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"family\":\"mote\",\"family\":\"mote\"}|mote.arch is not sound JSON: cause=Duplicate field 'family'; see weights/mote.arch.schema.json",
        "3|mote.arch has a value out of range: document=3, expected=an object; see weights/mote.arch.schema.json",
        "{}|mote.arch lacks a field: field=family; see weights/mote.arch.schema.json",
        "{\"family\":\"other\"}|mote.arch has a value out of range: family=\"other\", expected=pips or mote; see weights/mote.arch.schema.json",
        "{\"family\":\"mote\",\"version\":1,\"name\":\"a\\u001b[2J\"}|mote.arch has a value out of range: name=\"a\\u001B[2J\", expected=a text without control characters; see weights/mote.arch.schema.json",
        "{\"family\":\"mote\",\"version\":1,\"name\":\"a\\u009b2J\"}|mote.arch has a value out of range: name=\"a?2J\", expected=a text without control characters; see weights/mote.arch.schema.json",
      })
  void saysWhatIsWrong(String json, String expected) {
    assertEquals(expected, message(json));
  }

  @Test
  void fieldsOfTheOtherFamilyAreRefused() throws IOException {
    String see = "; see weights/mote.arch.schema.json";
    assertEquals(
        "mote.arch has a field that its family does not know: field=correlation.support" + see,
        message(changed(Architecture.pips(), List.of("correlation", "support"), "1")));
    assertEquals(
        "mote.arch has a field that its family does not know: field=encoder.neck" + see,
        message(changed(Architecture.moteS(), List.of("encoder", "neck"), "256")));
    assertEquals(
        "mote.arch has a value out of range: confidence_px=12, expected=null for this family" + see,
        message(changed(Architecture.pips(), List.of("confidence_px"), "12")));
    assertEquals(
        "mote.arch has a value out of range: defaults.hop=4, expected=null for this family" + see,
        message(changed(Architecture.pips(), List.of("defaults", "hop"), "4")));
    assertEquals(
        "mote.arch has a field that its family does not know: field=a?2J" + see,
        message(changed(Architecture.pips(), List.of("a\u009b2J"), "4")));
  }

  private static String changed(Architecture start, List<String> field, String value)
      throws IOException {
    return with(MAPPER.readTree(start.toJson()), field, value).toString();
  }

  @Test
  void hostileTextIsRefused() {
    Stream.of("", "{", "{} {}", "[".repeat(100_000), "{\"family\":" + "9".repeat(100_000) + "}")
        .forEach(json -> assertTrue(message(json).startsWith("mote.arch "), json));
  }

  private static String message(String json) {
    return assertThrows(MoteException.class, () -> Architecture.fromJson(json)).getMessage();
  }
}
