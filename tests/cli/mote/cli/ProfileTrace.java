package mote.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** A trace file, held against what trace viewers read. */
final class ProfileTrace {
  /**
   * From Google's "Trace Event Format": complete events (X) have a beginning and a duration in
   * microseconds, metadata events (M) name processes and threads.
   */
  private static final String SCHEMA =
      """
      {
        "type": "object",
        "required": ["traceEvents"],
        "additionalProperties": false,
        "properties": {
          "displayTimeUnit": {"enum": ["ms", "ns"]},
          "traceEvents": {
            "type": "array",
            "minItems": 1,
            "items": {
              "oneOf": [
                {
                  "type": "object",
                  "required": ["name", "cat", "ph", "ts", "dur", "pid", "tid"],
                  "additionalProperties": false,
                  "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "cat": {"enum": ["operation", "part", "copy", "jvm"]},
                    "ph": {"const": "X"},
                    "ts": {"type": "number", "minimum": 0},
                    "dur": {"type": "number", "minimum": 0},
                    "pid": {"type": "integer"},
                    "tid": {"type": "integer", "minimum": 1},
                    "args": {"type": "object"}
                  }
                },
                {
                  "type": "object",
                  "required": ["name", "ph", "pid", "tid", "args"],
                  "additionalProperties": false,
                  "properties": {
                    "name": {"enum": ["process_name", "thread_name"]},
                    "ph": {"const": "M"},
                    "pid": {"type": "integer"},
                    "tid": {"type": "integer"},
                    "args": {
                      "type": "object",
                      "required": ["name"],
                      "properties": {"name": {"type": "string", "minLength": 1}}
                    }
                  }
                }
              ]
            }
          }
        }
      }
      """;

  private ProfileTrace() {}

  /** What is wrong with a file; empty where nothing is. */
  static Set<String> problems(Path file) throws IOException {
    JsonNode trace = new ObjectMapper().readTree(file.toFile());
    Set<String> problems =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(SCHEMA)
            .validate(trace)
            .stream()
            .map(Object::toString)
            .collect(Collectors.toCollection(HashSet::new));
    Set<Integer> named = new HashSet<>();
    for (JsonNode event : trace.get("traceEvents")) {
      if (event.get("ph").asText().equals("M")) {
        named.add(event.get("tid").asInt());
      } else if (!named.contains(event.get("tid").asInt())) {
        problems.add("row has no name: " + event);
      }
    }
    return problems;
  }

  /** Names of what has a duration. */
  static Set<String> names(Path file) throws IOException {
    Set<String> names = new HashSet<>();
    for (JsonNode event : new ObjectMapper().readTree(file.toFile()).get("traceEvents")) {
      if (event.get("ph").asText().equals("X")) {
        names.add(event.get("name").asText());
      }
    }
    return names;
  }
}
