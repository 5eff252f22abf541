package mote.media;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mote.engine.track.Queries;
import mote.engine.track.Query;

/** Points that a person picks: a list in the order of picking, and its file. */
final class PickedPoints {
  private final int height;
  private final int width;
  private final List<Query> points = new ArrayList<>();
  private boolean saved = true;

  PickedPoints(int height, int width) {
    this.height = height;
    this.width = width;
  }

  List<Query> all() {
    return List.copyOf(points);
  }

  /** Whether the file has all that the list has. */
  boolean isSaved() {
    return saved;
  }

  /** Adds a point if it lies in the picture, half a pixel around the outer centres included. */
  boolean add(float x, float y, long frame) {
    if (!(x >= -0.5f && x < width - 0.5f && y >= -0.5f && y < height - 0.5f)) {
      return false;
    }
    points.add(
        new Query(
            frame,
            Math.clamp(hundredths(x), 0, width - 1f),
            Math.clamp(hundredths(y), 0, height - 1f)));
    saved = false;
    return true;
  }

  /** Removes the frame's point that is nearest to a place, unless all are further than that. */
  boolean removeNear(float x, float y, long frame, float distance) {
    int nearest = -1;
    double best = distance;
    for (int i = 0; i < points.size(); i++) {
      Query p = points.get(i);
      double d = Math.hypot(p.x() - x, p.y() - y);
      if (p.frame() == frame && d <= best) {
        best = d;
        nearest = i;
      }
    }
    if (nearest < 0) {
      return false;
    }
    points.remove(nearest);
    saved = false;
    return true;
  }

  /** Removes the point that was added last. */
  boolean undo() {
    if (points.isEmpty()) {
      return false;
    }
    points.removeLast();
    saved = false;
    return true;
  }

  /**
   * Writes a points file, whole or not at all.
   *
   * @return points written
   */
  int save(Path file) {
    Queries.write(file, points);
    saved = true;
    return points.size();
  }

  private static float hundredths(float v) {
    return Math.round(v * 100) / 100f;
  }
}
