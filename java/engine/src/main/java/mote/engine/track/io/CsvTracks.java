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

  private static final int LINES = 1 << 15;

  private CsvTracks() {}

  static void write(TrackRows rows, OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder(HEADER);
    int points = rows.queries().size();
    long end = rows.firstFrame() + rows.frames();
    for (long frame = rows.firstFrame(); frame < end; frame++) {
      String time = frame + "," + rows.timestampNanos(frame) + ",";
      for (int point = 0; point < points; point++) {
        if (!rows.has(frame, point)) {
          continue;
        }
        text.append(time).append(point);
        text.append(',').append(rows.x(frame, point));
        text.append(',').append(rows.y(frame, point));
        text.append(',').append(rows.visibility(frame, point)).append(',');
        float confidence = rows.confidence(frame, point);
        if (!Float.isNaN(confidence)) {
          text.append(confidence);
        }
        text.append('\n');
        if (text.length() > LINES) {
          flush(text, out);
        }
      }
    }
    flush(text, out);
  }

  private static void flush(StringBuilder text, OutputStream out) throws IOException {
    out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    text.setLength(0);
  }
}
