package mote.engine.track.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.OutputStream;
import mote.engine.track.Query;
import mote.engine.track.TrackRows;
import mote.engine.track.TracksReader;

/**
 * Tracks as one JSON object, one row a line:
 *
 * <pre>{@code
 * {"version": 1, "model": "mote-s", "width": 854, "height": 480,
 *  "queries": [{"frame": 0, "x": 10.0, "y": 20.0}],
 *  "tracks": [{"frame": 0, "timestamp_ns": 0, "point": 0, "x": 10.0, "y": 20.0,
 *              "visibility": 0.99, "confidence": null}]}
 * }</pre>
 *
 * A value that there is not is null; numbers have as many digits as it takes to read the same
 * float32 back.
 */
final class JsonTracks {
  private JsonTracks() {}

  static void write(TrackRows rows, OutputStream out) throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_JSON_CONTENT); // an error leaves it as it is
      json.setPrettyPrinter(new RowPerLine());
      json.writeStartObject();
      json.writeNumberField("version", TracksReader.VERSION);
      json.writeStringField("model", rows.model());
      json.writeNumberField("width", rows.width());
      json.writeNumberField("height", rows.height());
      json.writeArrayFieldStart("queries");
      for (Query query : rows.queries()) {
        json.writeStartObject();
        json.writeNumberField("frame", query.frame());
        json.writeNumberField("x", query.x());
        json.writeNumberField("y", query.y());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("tracks");
      tracks(rows, json);
      json.writeEndArray();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void tracks(TrackRows rows, JsonGenerator json) throws IOException {
    int points = rows.queries().size();
    long end = rows.firstFrame() + rows.frames();
    for (long frame = rows.firstFrame(); frame < end; frame++) {
      for (int point = 0; point < points; point++) {
        if (!rows.has(frame, point)) {
          continue;
        }
        json.writeStartObject();
        json.writeNumberField("frame", frame);
        json.writeNumberField("timestamp_ns", rows.timestampNanos(frame));
        json.writeNumberField("point", point);
        number(json, "x", rows.x(frame, point));
        number(json, "y", rows.y(frame, point));
        number(json, "visibility", rows.visibility(frame, point));
        number(json, "confidence", rows.confidence(frame, point));
        json.writeEndObject();
      }
    }
  }

  private static void number(JsonGenerator json, String name, float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumberField(name, value);
    } else {
      json.writeNullField(name);
    }
  }

  /** Breaks the line before every element of an array, and nowhere else. */
  private static final class RowPerLine extends MinimalPrettyPrinter {
    private static final long serialVersionUID = 1;

    @Override
    public void beforeArrayValues(JsonGenerator json) throws IOException {
      json.writeRaw('\n');
    }

    @Override
    public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
      json.writeRaw(",\n");
    }
  }
}
