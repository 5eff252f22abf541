package mote.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import mote.engine.MoteException;

/** Points that a person picks: a list in the order of picking, and its file. */
final class PickedPoints {
  /** Pixels of the video, pixel centres at integers, on a frame. */
  record Point(float x, float y, long frame) {}

  private final int height;
  private final int width;
  private final List<Point> points = new ArrayList<>();
  private boolean saved = true;

  PickedPoints(int height, int width) {
    this.height = height;
    this.width = width;
  }

  List<Point> all() {
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
        new Point(Math.clamp(x, 0, width - 1f), Math.clamp(y, 0, height - 1f), frame));
    saved = false;
    return true;
  }

  /** Removes the frame's point that is nearest to a place, unless all are further than that. */
  boolean removeNear(float x, float y, long frame, float distance) {
    int nearest = -1;
    double best = distance;
    for (int i = 0; i < points.size(); i++) {
      Point p = points.get(i);
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
   * Writes {@code x,y,frame} and a line a point, under a temporary name first.
   *
   * @return points written
   */
  int save(Path file) {
    Path absolute = file.toAbsolutePath();
    Path temporary =
        absolute.resolveSibling(
            ".%s.%d.part".formatted(absolute.getFileName(), ProcessHandle.current().pid()));
    StringBuilder text = new StringBuilder("x,y,frame\n");
    for (Point p : points) {
      text.append(String.format(Locale.ROOT, "%.2f,%.2f,%d\n", p.x(), p.y(), p.frame()));
    }
    try {
      Files.writeString(temporary, text);
      Files.move(
          temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new MoteException(
          "a points file cannot be written: file=%s, cause=%s; give a folder that exists and can be written"
              .formatted(file, e),
          e);
    }
    saved = true;
    return points.size();
  }
}
