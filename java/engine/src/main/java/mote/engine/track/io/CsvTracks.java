package mote.engine.track.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import mote.engine.track.TrackRows;

/**
 * Tracks as CSV: the header {@code frame,timestamp_ns,point,x,y,visibility,confidence}, one line a
 * row, the confidence empty where the model has none. Numbers have as many digits as it takes to
 * read the same float32 back.
 */
final class CsvTracks {
  static final String HEADER = "frame,timestamp_ns,point,x,y,visibility,confidence\n";

  /** Characters that are gathered before they are written. */
  static final int LINES = 1 << 15;

  private CsvTracks() {}

  static void write(TrackRows rows, OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder(HEADER);
    int points = rows.queries().size();
    long end = rows.firstFrame() + rows.frames();
    for (long frame = rows.firstFrame(); frame < end; frame++) {
      long time = rows.timestampNanos(frame);
      for (int point = 0; point < points; point++) {
        if (!rows.has(frame, point)) {
          continue;
        }
        line(
            text,
            frame,
            time,
            point,
            rows.x(frame, point),
            rows.y(frame, point),
            rows.visibility(frame, point),
            rows.confidence(frame, point));
        if (text.length() > LINES) {
          flush(text, out);
        }
      }
    }
    flush(text, out);
  }

  static void line(
      StringBuilder text,
      long frame,
      long timestampNanos,
      long point,
      float x,
      float y,
      float visibility,
      float confidence) {
    text.append(frame).append(',').append(timestampNanos).append(',').append(point);
    text.append(',').append(x).append(',').append(y).append(',').append(visibility).append(',');
    if (!Float.isNaN(confidence)) {
      text.append(confidence);
    }
    text.append('\n');
  }

  static void flush(StringBuilder text, OutputStream out) throws IOException {
    out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    text.setLength(0);
  }
}
