package mote.cli.live;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import mote.engine.live.LivePoints;
import mote.media.Overlay;

/** Draws live points, whose identities grow without end, with an overlay of fixed capacity. */
final class LivePainter {
  private final int capacity;
  private final int trail;
  private final float[] x;
  private final float[] y;
  private final float[] visibility;

  /** Identities of the rows seen last, and the places that they have in the overlay. */
  private final long[] identities;

  private final int[] places;
  private int rows;
  private Overlay overlay;

  LivePainter(int capacity, int trail) {
    this.capacity = capacity;
    this.trail = trail;
    x = new float[capacity];
    y = new float[capacity];
    visibility = new float[capacity];
    identities = new long[capacity];
    places = new int[capacity];
  }

  /** Pictures have that size from now on; trails begin anew. */
  void resize(int height, int width) {
    overlay = new Overlay(height, width, capacity, trail);
  }

  /** Draws the points of the newest frame on it. */
  void draw(MemorySegment picture, LivePoints points) {
    if (changed(points)) {
      assign(points);
    }
    Arrays.fill(x, Float.NaN);
    for (int row = 0; row < rows; row++) {
      int place = places[row];
      x[place] = points.x(row);
      y[place] = points.y(row);
      visibility[place] = points.visibility(row);
    }
    overlay.draw(picture, capacity, x, y, visibility);
  }

  private boolean changed(LivePoints points) {
    if (points.count() != rows) {
      return true;
    }
    for (int row = 0; row < rows; row++) {
      if (points.point(row) != identities[row]) {
        return true;
      }
    }
    return false;
  }

  /** Points keep their places, and with them colour and trail; new ones get those that are free. */
  private void assign(LivePoints points) {
    Map<Long, Integer> before = new HashMap<>();
    for (int row = 0; row < rows; row++) {
      before.put(identities[row], places[row]);
    }
    boolean[] taken = new boolean[capacity];
    rows = points.count();
    for (int row = 0; row < rows; row++) {
      identities[row] = points.point(row);
      places[row] = before.getOrDefault(identities[row], -1);
      if (places[row] >= 0) {
        taken[places[row]] = true;
      }
    }
    int free = 0;
    for (int row = 0; row < rows; row++) {
      if (places[row] < 0) {
        while (taken[free]) {
          free++;
        }
        places[row] = free++;
      }
    }
  }
}
