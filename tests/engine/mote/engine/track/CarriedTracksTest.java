package mote.engine.track;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;

/** The same cases and numbers as tests/training/test_carry.py. */
class CarriedTracksTest {
  private static final int FRAMES = 14;
  private static final int LAST = FRAMES - 1;
  private static final float[][] GRID = {
    {40, 30}, {30, 30}, {50, 30}, {30, 44}, {50, 44}, {40, 50}
  };

  private double turn;

  /** Where points of a surface are: it goes (2, 1) a frame and turns about (40, 40). */
  private float[] surface(long t, float[] at) {
    double c = Math.cos(turn * t);
    double s = Math.sin(turn * t);
    double x = at[0] - 40;
    double y = at[1] - 40;
    return new float[] {(float) (40 + c * x - s * y + 2 * t), (float) (40 + s * x + c * y + t)};
  }

  /** Points of the surface in all frames, all seen; queries in that frame. */
  private Tracks tracks(int queryFrame, float[]... points) {
    List<Query> queries = new ArrayList<>();
    for (float[] point : points) {
      float[] at = surface(queryFrame, point);
      queries.add(new Query(queryFrame, at[0], at[1]));
    }
    Plan plan = new Plan(128, 160, 128, 160, 4, 8, points.length);
    Tracks tracks = new Tracks(queries, plan, "a-model");
    for (int t = 0; t < FRAMES; t++) {
      tracks.addFrame(t, t);
      for (int p = 0; p < points.length; p++) {
        set(tracks, t, p, surface(t, points[p]), .9f);
      }
    }
    return tracks;
  }

  private static void set(Tracks tracks, int t, int p, float[] at, float visibility) {
    tracks.set(t, p, at[0], at[1], visibility, .5f);
  }

  /** From that frame on the model says that the point rests where it was before, unseen. */
  private static void lose(Tracks tracks, int p, int from) {
    float[] last = place(tracks, from - 1, p);
    for (int t = from; t < FRAMES; t++) {
      set(tracks, t, p, last, .2f);
    }
  }

  private static float[] place(Tracks tracks, int t, int p) {
    return new float[] {tracks.x(t, p), tracks.y(t, p)};
  }

  private static double off(float[] a, float[] b) {
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  }

  private static float[][] with(float[]... more) {
    List<float[]> all = new ArrayList<>(List.of(GRID));
    all.addAll(List.of(more));
    return all.toArray(float[][]::new);
  }

  @Test
  void itGoesWithItsSurface() {
    Tracks tracks = tracks(0, GRID);
    lose(tracks, 0, 6);
    CarriedTracks.carry(tracks, 1);
    assertEquals(65.9983, tracks.x(LAST, 0), 2e-3);
    assertEquals(42.9991, tracks.y(LAST, 0), 2e-3);
    for (int t = 0; t < FRAMES; t++) {
      for (int p = t < 6 ? 0 : 1; p < GRID.length; p++) {
        assertEquals(0, off(place(tracks, t, p), surface(t, GRID[p])), "firm ones stay");
      }
    }
    assertEquals(.2f, tracks.visibility(LAST, 0), "it is hidden all the same");
    assertEquals(.5f, tracks.confidence(LAST, 0));
  }

  @Test
  void itTurnsWithItsSurface() {
    turn = .05;
    Tracks tracks = tracks(0, GRID);
    lose(tracks, 0, 6);
    CarriedTracks.carry(tracks, 1);
    assertEquals(71.1326, tracks.x(LAST, 0), 2e-3);
    assertEquals(44.4686, tracks.y(LAST, 0), 2e-3);
  }

  @Test
  void toThePastTheSame() {
    Tracks tracks = tracks(LAST, GRID);
    float[] kept = place(tracks, 8, 0);
    for (int t = 0; t < 8; t++) {
      set(tracks, t, 0, kept, .2f);
    }
    CarriedTracks.carry(tracks, 1);
    assertEquals(0, off(place(tracks, 0, 0), kept), "that is the other direction's");
    CarriedTracks.carry(tracks, -1);
    assertTrue(off(place(tracks, 0, 0), surface(0, GRID[0])) < .01);
  }

  @Test
  void aloneItGoesWhereTheModelSays() {
    Tracks tracks = tracks(0, GRID[0]);
    lose(tracks, 0, 6);
    for (int t = 8; t < FRAMES; t++) {
      set(tracks, t, 0, new float[] {55, 32}, .2f);
    }
    CarriedTracks.carry(tracks, 1);
    assertEquals(0, off(place(tracks, 7, 0), surface(5, GRID[0])), 1e-4);
    assertEquals(0, off(place(tracks, LAST, 0), new float[] {55, 32}), 1e-4);
  }

  @Test
  void whoMovedOtherwiseSaysLittle() {
    float[][] away = {{44, 33}, {36, 33}, {42, 36}};
    Tracks tracks = tracks(0, with(away));
    for (int t = 1; t < FRAMES; t++) {
      for (int p = 0; p < away.length; p++) {
        set(tracks, t, 6 + p, new float[] {away[p][0] - 4 * t, away[p][1] - 3 * t}, .9f);
      }
    }
    lose(tracks, 0, 6);
    CarriedTracks.carry(tracks, 1);
    assertTrue(off(place(tracks, LAST, 0), surface(LAST, GRID[0])) < 1);
  }

  @Test
  void whereNeighboursAreHiddenTooOthersAreAsked() {
    Tracks tracks = tracks(0, with(new float[][] {{80, 30}, {90, 40}, {80, 60}}));
    lose(tracks, 0, 6);
    for (int p = 1; p < GRID.length; p++) {
      lose(tracks, p, 9);
    }
    CarriedTracks.carry(tracks, 1);
    assertTrue(off(place(tracks, LAST, 0), surface(LAST, GRID[0])) < .5);
    assertTrue(off(place(tracks, LAST, 5), surface(LAST, GRID[5])) < .5);
  }

  @Test
  void aPointWithoutNeighboursAtItsLossAsksNobodyLater() {
    Tracks tracks = tracks(0, GRID);
    lose(tracks, 0, 6);
    for (int p = 1; p < GRID.length; p++) {
      set(tracks, 5, p, surface(4, GRID[p]), .2f);
      set(tracks, 6, p, surface(4, GRID[p]), .2f);
    }
    CarriedTracks.carry(tracks, 1);
    assertEquals(0, off(place(tracks, LAST, 0), surface(5, GRID[0])), 1e-4);
  }

  @Test
  void seenAgainItIsWhereTheModelSaysAndRemembersAnew() {
    Tracks tracks = tracks(0, GRID);
    lose(tracks, 0, 6);
    float[] found = surface(9, GRID[0]);
    found[0]++;
    found[1]++;
    for (int t = 9; t < FRAMES; t++) {
      set(tracks, t, 0, found, t == 9 ? .9f : .2f);
    }
    CarriedTracks.carry(tracks, 1);
    assertEquals(0, off(place(tracks, 9, 0), found));
    float[] truth = surface(LAST, GRID[0]);
    truth[0]++;
    truth[1]++;
    assertTrue(off(place(tracks, LAST, 0), truth) < .1);
  }

  @Test
  void framesWithoutPlacesAreLeftAlone() {
    Tracks tracks = tracks(0, GRID);
    lose(tracks, 0, 6);
    tracks.set(10, 0, Float.NaN, Float.NaN, Float.NaN, Float.NaN);
    CarriedTracks.carry(tracks, 1);
    assertTrue(off(place(tracks, 9, 0), surface(9, GRID[0])) < .01);
    assertEquals(false, tracks.has(10, 0));
  }
}
