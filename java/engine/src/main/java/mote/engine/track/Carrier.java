package mote.engine.track;

import java.util.Arrays;

/**
 * Says where a point is while it is hidden: it goes with the points that moved as it did ({@code
 * mote_train.carry} defines it).
 *
 * <p>Hidden means here that the model's visibility is {@link #FIRM} or less, and live that no gate
 * sees it either. A model's own estimate of a hidden point is little more than a guess. Points of
 * one surface move together, also behind what hides them: a point that is not firm remembers those
 * that lay near it and moved like it when it was last firm, and each frame takes the step that they
 * take, a similarity transform fitted to theirs. What the model makes of the step counts a little,
 * so that a point alone goes where the model says. Allocates nothing after construction.
 */
public final class Carrier {
  /** Probability of being visible above which the model's own estimate is believed. */
  public static final float FIRM = 0.65f;

  /** Steps before the loss in which two points must have been firm together. */
  public static final int REACH = 7;

  /** Neighbours that a point remembers. */
  private static final int COUNT = 8;

  /** Where fewer still say something it looks for others. */
  private static final int FEWEST = 3;

  /** Working pixels in which a neighbour's weight falls to 1/e. */
  private static final double NEAR = 16;

  /** Working pixels: mean deviation from a constant offset at which it falls to a quarter. */
  private static final double ALIKE = 4;

  /** That deviation where there are fewer than {@link #PROOF} steps to tell. */
  private static final double UNPROVEN = 2;

  private static final int PROOF = 3;

  /** Weight of the model's own step. */
  private static final double OWN = 0.001;

  /** Passes of the robust mean. */
  private static final int PASSES = 3;

  /** Working pixels within which steps are the same to it. */
  private static final double SLACK = 0.5;

  /** Square pixels that hold rotation and scale where neighbours lie close together. */
  private static final double REST = 100;

  private final Trails trails;
  private final boolean[] remembers;

  /** Ids, (homes, COUNT), the heaviest first. */
  private final long[] who;

  /** (homes, COUNT); 0: nobody. */
  private final double[] weight;

  /** Of those that are remembered just now: their rows and weights, the heaviest first. */
  private final int[] best = new int[COUNT];

  private final double[] bestWeight = new double[COUNT];

  /** Of those that speak, the point itself last: weights, places before and steps. */
  private final double[] said = new double[COUNT + 1];

  private final double[] share = new double[COUNT + 1];
  private final double[] xs = new double[COUNT + 1];
  private final double[] ys = new double[COUNT + 1];
  private final double[] stepX = new double[COUNT + 1];
  private final double[] stepY = new double[COUNT + 1];
  private int voices;
  private float x;
  private float y;

  /**
   * @param homes places in its memory; every {@link Trails#home} is less
   */
  public Carrier(Trails trails, int homes) {
    this.trails = trails;
    remembers = new boolean[homes];
    who = new long[homes * COUNT];
    weight = new double[homes * COUNT];
  }

  /** The point is firm, or of another scene: it remembers nobody. */
  public void forget(int row) {
    remembers[trails.home(row)] = false;
  }

  /** A point has been moved to something else: it carries nobody that it carried so far. */
  public void silence(long id) {
    for (int from = 0; from < who.length; from += COUNT) {
      int to = from;
      for (int k = from; k < from + COUNT; k++) {
        if (weight[k] > 0 && who[k] != id) {
          who[to] = who[k];
          weight[to++] = weight[k];
        }
      }
      Arrays.fill(weight, to, from + COUNT, 0);
    }
  }

  /**
   * Carries a point that is not firm from the step before into this one; {@link #x} and {@link #y}
   * say where to.
   *
   * @param ownX working pixels: what the model makes of the step
   * @param ownY working pixels
   */
  public void carry(int row, long step, float ownX, float ownY) {
    int home = trails.home(row);
    if (!remembers[home]) {
      Arrays.fill(weight, home * COUNT, (home + 1) * COUNT, 0);
      remember(row, step, true);
      remembers[home] = true;
    } else if (weight[home * COUNT] > 0 && voices(home, step) < FEWEST) {
      remember(row, step, false);
    }
    voices = 0;
    for (int k = home * COUNT; k < (home + 1) * COUNT && weight[k] > 0; k++) {
      int other = trails.find(who[k]);
      if (isSteady(other, step)) {
        hear(other, step, weight[k]);
      }
    }
    said[voices] = OWN;
    xs[voices] = trails.x(row, step - 1);
    ys[voices] = trails.y(row, step - 1);
    stepX[voices] = ownX;
    stepY[voices] = ownY;
    voices++;
    transform();
  }

  /** Working pixels, of the point that was carried last. */
  public float x() {
    return x;
  }

  /** As {@link #x}. */
  public float y() {
    return y;
  }

  private boolean isSteady(int other, long step) {
    return other >= 0 && (trails.firm(other, step) & 3) == 3;
  }

  private int voices(int home, long step) {
    int count = 0;
    for (int k = home * COUNT; k < (home + 1) * COUNT && weight[k] > 0; k++) {
      count += isSteady(trails.find(who[k]), step) ? 1 : 0;
    }
    return count;
  }

  private void hear(int other, long step, double heard) {
    said[voices] = heard;
    xs[voices] = trails.x(other, step - 1);
    ys[voices] = trails.y(other, step - 1);
    stepX[voices] = trails.x(other, step) - xs[voices];
    stepY[voices] = trails.y(other, step) - ys[voices];
    voices++;
  }

  /**
   * Takes the best of those that are firm in this step and were in others before, in which the
   * point has a place or, {@code onlyFirm}, is firm too. Where there are none, what it remembers
   * stays.
   */
  private void remember(int row, long step, boolean onlyFirm) {
    int reach = (int) Math.min(REACH, step - trails.since(row));
    long mine = (2L << reach) - 2 & (onlyFirm ? trails.firm(row, step) : -1);
    Arrays.fill(bestWeight, 0);
    for (int other = 0; other < trails.count(); other++) {
      long firm = trails.firm(other, step);
      long both = firm & mine;
      if (other != row && (firm & 1) != 0 && both != 0) {
        insert(other, likeness(row, other, step, both));
      }
    }
    int from = trails.home(row) * COUNT;
    for (int k = 0; k < COUNT && bestWeight[0] > 0; k++) {
      weight[from + k] = bestWeight[k];
      who[from + k] = bestWeight[k] > 0 ? trails.id(best[k]) : -1;
    }
  }

  /** How much a neighbour's word counts: it lay near when last seen together, and moved alike. */
  private double likeness(int row, int other, long step, long both) {
    long last = step - Long.numberOfTrailingZeros(both);
    double lastX = trails.x(row, last) - trails.x(other, last);
    double lastY = trails.y(row, last) - trails.y(other, last);
    double near = Math.exp(-Math.sqrt(lastX * lastX + lastY * lastY) / NEAR);
    if (!(near > bestWeight[COUNT - 1])) {
      return 0; // too far, however alike: most are
    }
    double meanX = 0;
    double meanY = 0;
    int count = Long.bitCount(both);
    for (long left = both; left != 0; left &= left - 1) {
      long then = step - Long.numberOfTrailingZeros(left);
      meanX += (trails.x(row, then) - trails.x(other, then)) / (double) count;
      meanY += (trails.y(row, then) - trails.y(other, then)) / (double) count;
    }
    double deviation = 0;
    for (long left = both; left != 0; left &= left - 1) {
      long then = step - Long.numberOfTrailingZeros(left);
      deviation +=
          Math.hypot(
                  trails.x(row, then) - trails.x(other, then) - meanX,
                  trails.y(row, then) - trails.y(other, then) - meanY)
              / count;
    }
    double unlike = 1 + Math.pow((count < PROOF ? UNPROVEN : deviation) / ALIKE, 2);
    return near / (unlike * unlike);
  }

  /** Among the heaviest, where it is one of them. */
  private void insert(int other, double heavy) {
    if (!(heavy > bestWeight[COUNT - 1])) {
      return;
    }
    int k = COUNT - 1;
    for (; k > 0 && heavy > bestWeight[k - 1]; k--) {
      best[k] = best[k - 1];
      bestWeight[k] = bestWeight[k - 1];
    }
    best[k] = other;
    bestWeight[k] = heavy;
  }

  /** The robust mean step of all voices, then rotation and scale about their middle. */
  private void transform() {
    System.arraycopy(said, 0, share, 0, voices);
    double dx = mean(stepX);
    double dy = mean(stepY);
    for (int pass = 0; pass < PASSES; pass++) {
      for (int k = 0; k < voices; k++) {
        share[k] = said[k] / (Math.hypot(stepX[k] - dx, stepY[k] - dy) + SLACK);
      }
      dx = mean(stepX);
      dy = mean(stepY);
    }
    double middleX = mean(xs);
    double middleY = mean(ys);
    double total = 0;
    double spread = 0;
    double along = 0;
    double across = 0;
    for (int k = 0; k < voices; k++) {
      double ax = xs[k] - middleX;
      double ay = ys[k] - middleY;
      double bx = ax + stepX[k] - dx;
      double by = ay + stepY[k] - dy;
      total += share[k];
      spread += share[k] * (ax * ax + ay * ay);
      along += share[k] * (ax * bx + ay * by);
      across += share[k] * (ax * by - ay * bx);
    }
    double held = spread / total + REST;
    double cos = (along / total + REST) / held;
    double sin = across / total / held;
    double vx = xs[voices - 1] - middleX;
    double vy = ys[voices - 1] - middleY;
    x = (float) (middleX + dx + cos * vx - sin * vy);
    y = (float) (middleY + dy + sin * vx + cos * vy);
  }

  /** By {@link #share}. */
  private double mean(double[] values) {
    double sum = 0;
    double total = 0;
    for (int k = 0; k < voices; k++) {
      sum += share[k] * values[k];
      total += share[k];
    }
    return sum / total;
  }
}
