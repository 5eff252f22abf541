package mote.engine.track.io;

import java.util.ArrayList;
import java.util.List;
import mote.engine.track.Query;
import mote.engine.track.TrackRows;

/** Rows that follow from a formula; some points begin late, some miss a frame. */
record SomeTracks(long firstFrame, long frames, int points, boolean hasConfidence)
    implements TrackRows {

  /** A row as it is read back from a file; confidence is null where there is none. */
  record Row(
      long frame,
      long timestamp,
      long point,
      float x,
      float y,
      float visibility,
      Float confidence) {}

  /** All rows in the order in which files have them. */
  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (long frame = firstFrame; frame < firstFrame + frames; frame++) {
      for (int point = 0; point < points; point++) {
        if (has(frame, point)) {
          float confidence = confidence(frame, point);
          rows.add(
              new Row(
                  frame,
                  timestampNanos(frame),
                  point,
                  x(frame, point),
                  y(frame, point),
                  visibility(frame, point),
                  Float.isNaN(confidence) ? null : confidence));
        }
      }
    }
    return rows;
  }

  @Override
  public int width() {
    return 854;
  }

  @Override
  public int height() {
    return 480;
  }

  @Override
  public String model() {
    return "mote-s \"quoted\"";
  }

  @Override
  public List<Query> queries() {
    List<Query> queries = new ArrayList<>();
    for (int point = 0; point < points; point++) {
      queries.add(new Query(firstFrame + point % 3, point * 0.1f, point / 3f));
    }
    return queries;
  }

  @Override
  public boolean has(long frame, int point) {
    return frame - firstFrame >= point % 3 && (frame + point) % 11 != 10;
  }

  @Override
  public long timestampNanos(long frame) {
    return frame * 33_366_667L;
  }

  @Override
  public float x(long frame, int point) {
    return (float) (Math.sin(frame + point) * 1000 / 3);
  }

  @Override
  public float y(long frame, int point) {
    return (float) Math.exp(point % 40 - frame % 50);
  }

  @Override
  public float visibility(long frame, int point) {
    return (frame + point) % 101 / 100f;
  }

  @Override
  public float confidence(long frame, int point) {
    return hasConfidence && point % 4 != 3 ? (frame + 2 * point) % 13 / 12f : Float.NaN;
  }
}
