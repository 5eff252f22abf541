package mote.engine.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mote.engine.Plan;
import org.junit.jupiter.api.Test;

/** What is said of hidden live points; who carries them where is CarriedTracksTest's. */
class LiveCarrierTest {
  private static final int LAST = 5;
  private final PointTable table = new PointTable(8, 8);
  private final LiveCarrier carrier = new LiveCarrier(table, 8, true);

  /** Four points that move right by 2 a step; the first is lost in step 5 and said to rest. */
  private void points() {
    for (int n = 0; n < 4; n++) {
      table.begin(table.add(), 0, 10 * n, n, true);
    }
    for (int step = 1; step < LAST; step++) {
      step(step);
    }
  }

  private void step(int step) {
    for (int row = 0; row < table.count(); row++) {
      table.hold(row, step);
      if (table.state[row] != PointState.FROZEN) {
        boolean lost = table.id(row) == 0 && step >= LAST;
        float x = table.id(row) * 10 + 2 * (lost ? LAST - 1 : step);
        table.said.estimate(row, step, x, table.id(row), lost ? .2f : .9f);
        table.visibility[table.at(row, step)] = lost ? .2f : .9f;
        table.judge(row, step);
      }
    }
    carrier.carry(0, table.count(), step);
  }

  private float x(int row, int step) {
    return table.said.placeX(row, step);
  }

  @Test
  void itIsSaidToBeWhereNeighboursCarryItAndItsWindowsGoOn() {
    points();
    step(LAST);
    step(LAST + 1);
    assertEquals(10, x(0, LAST), .02);
    assertEquals(12, x(0, LAST + 1), .02);
    assertEquals(8, table.trail[2 * table.at(0, LAST + 1)], "the model's own");
  }

  @Test
  void onlyFirmPlacesAreRevised() {
    points();
    step(LAST);
    for (int step : new int[] {LAST - 1, LAST}) {
      table.trail[2 * table.at(0, step)] = 77;
    }
    assertEquals(77, x(0, LAST - 1));
    assertEquals(10, x(0, LAST), .02);
  }

  @Test
  void whoeverIsFrozenOrRemovedCarriesNobody() {
    points();
    step(LAST);
    table.state[1] = PointState.FROZEN;
    table.state[2] = PointState.FROZEN;
    table.remove(3);
    step(LAST + 1);
    assertEquals(10, x(0, LAST + 1), .02, "it rests, as the model says");
  }

  @Test
  void aNewPointHasNothingOfTheOneBefore() {
    points();
    step(LAST);
    table.remove(0);
    int row = table.add();
    table.begin(row, LAST, 50, 0, true);
    carrier.forget(row);
    for (int step = LAST; step <= LAST + 2; step++) {
      for (int other = 0; other < row; other++) {
        table.said.estimate(other, step, 40 + 2 * step, 0, step == LAST ? .2f : .9f);
      }
      if (step > LAST) {
        table.said.estimate(row, step, 50, 0, .2f);
        carrier.carry(0, table.count(), step);
      }
    }
    assertEquals(50, x(row, LAST + 2), 1e-4, "nobody was firm with it before");
  }

  @Test
  void frozenItStaysWhereItWasSaidToBeAndThawsThere() {
    points();
    step(LAST);
    table.state[0] = PointState.FROZEN;
    step(LAST + 1);
    step(LAST + 2);
    assertEquals(10, x(0, LAST + 2), .02);
    table.thaw(0, LAST + 2);
    assertEquals(10, table.trail[2 * table.at(0, LAST + 2)], .02);
    assertEquals(PointState.LOST, table.state[0]);
  }

  @Test
  void thawedInTheSameFrameItGoesOnFromThereToo() {
    points();
    step(LAST);
    table.state[0] = PointState.FROZEN;
    table.thaw(0, LAST);
    assertEquals(10, table.trail[2 * table.at(0, LAST)], .02);
  }

  @Test
  void aNewSizeKeepsItWhereItWasSaidToBe() {
    points();
    step(LAST);
    table.rescale(LAST, Plan.unscaled(64, 96, 4, 8, 8), Plan.unscaled(128, 192, 4, 8, 8));
    assertEquals((10 + .5) * 2 - .5, x(0, -1), .04);
  }

  @Test
  void firmIsAWordOfTheLastSixtyFourSteps() {
    int row = table.add();
    table.begin(row, 0, 5, 5, true);
    for (int step = 1; step < 200; step++) {
      table.said.estimate(row, step, 5, 5, step % 3 == 0 ? .9f : .2f);
      long firm = table.said.firm(row, step);
      for (int back = 0; back < Math.min(step + 1, 64); back++) {
        assertEquals((step - back) % 3 == 0 ? 1 : 0, firm >>> back & 1, step + " less " + back);
      }
    }
  }

  @Test
  void foundElsewhereALeapIsNoStep() {
    points();
    step(LAST);
    table.restart(1, LAST + 1);
    table.put(1, LAST + 1, 99, 40, 1, 1);
    table.said.setFirm(1, LAST + 1, true);
    assertEquals(1, table.said.firm(1, LAST + 1));
  }

  @Test
  void switchedOffTheModelsEstimateIsSaid() {
    points();
    LiveCarrier off = new LiveCarrier(table, 8, false);
    table.said.estimate(0, LAST, 8, 0, .2f);
    off.carry(0, table.count(), LAST);
    assertEquals(8, x(0, LAST));
  }
}
