package mote.cli.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mote.cli.bench.JvmPauses;
import mote.engine.AtomicFile;
import mote.engine.profile.Span;

/**
 * Spans and the JVM's pauses in the trace event format, for ui.perfetto.dev and chrome://tracing: a
 * row for the calls, one for each thread or stream, one for the JVM.
 */
final class TraceFile {
  private static final int PROCESS = 1;
  private static final String JVM = "JVM";

  private TraceFile() {}

  static void write(Path path, String title, List<Span> spans, List<JvmPauses.Pause> pauses) {
    AtomicFile.write(
        path,
        temporary -> {
          try (OutputStream stream = Files.newOutputStream(temporary);
              JsonGenerator json = new JsonFactory().createGenerator(stream)) {
            write(json, title, spans, pauses);
          }
        });
  }

  private static void write(
      JsonGenerator json, String title, List<Span> spans, List<JvmPauses.Pause> pauses)
      throws IOException {
    long origin =
        Math.min(
            spans.stream().mapToLong(Span::beginNanos).min().orElse(Long.MAX_VALUE),
            pauses.stream().mapToLong(JvmPauses.Pause::beginNanos).min().orElse(Long.MAX_VALUE));
    Map<String, Integer> lanes = new LinkedHashMap<>();
    spans.forEach(span -> lanes.putIfAbsent(span.lane(), lanes.size() + 1));
    lanes.put(JVM, lanes.size() + 1);
    json.writeStartObject();
    json.writeStringField("displayTimeUnit", "ms");
    json.writeArrayFieldStart("traceEvents");
    name(json, "process_name", 0, title);
    for (Map.Entry<String, Integer> lane : lanes.entrySet()) {
      name(json, "thread_name", lane.getValue(), lane.getKey());
    }
    for (Span span : spans) {
      begin(json, span.name(), category(span.kind()), span.beginNanos() - origin, span.nanos());
      json.writeNumberField("tid", lanes.get(span.lane()));
      json.writeObjectFieldStart("args");
      json.writeNumberField("operations", span.work().operations());
      json.writeNumberField("bytes", span.work().bytes());
      json.writeStringField("detail", span.detail());
      json.writeEndObject();
      json.writeEndObject();
    }
    for (JvmPauses.Pause pause : pauses) {
      begin(json, pause.name(), "jvm", pause.beginNanos() - origin, pause.nanos());
      json.writeNumberField("tid", lanes.get(JVM));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static String category(Span.Kind kind) {
    return switch (kind) {
      case OPERATION -> "operation";
      case PART -> "part";
      case COPY -> "copy";
    };
  }

  /** What people read beside a process or a row. */
  private static void name(JsonGenerator json, String what, int lane, String name)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", what);
    json.writeStringField("ph", "M");
    json.writeNumberField("pid", PROCESS);
    json.writeNumberField("tid", lane);
    json.writeObjectFieldStart("args");
    json.writeStringField("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  /** An event with its duration, times in microseconds; left open. */
  private static void begin(
      JsonGenerator json, String name, String category, long nanos, long duration)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("cat", category);
    json.writeStringField("ph", "X");
    json.writeNumberField("ts", nanos / 1e3);
    json.writeNumberField("dur", duration / 1e3);
    json.writeNumberField("pid", PROCESS);
  }
}
