package mote.stream;

import java.io.IOException;
import mote.engine.MoteException;

/**
 * Carries out rows, one after another, on an engine that is opened with the first picture: picture
 * first, then the commands in their order, then the answer.
 */
final class RowTracker implements AutoCloseable {
  private final PointEngine.Opener engines;
  private final Results results;
  private final AnswerWriter answers;
  private final InputBatch[] batches;
  private PointEngine engine;
  private int height;
  private int width;
  private long frame = -1;
  private long timestampNanos;
  private long frames;

  /**
   * @param berth whose slabs the pictures lie in
   */
  RowTracker(PointEngine.Opener engines, Berth berth) {
    this.engines = engines;
    results = berth.results();
    answers = berth.answers();
    batches = berth.batches();
  }

  /** Pictures that were tracked. */
  long frames() {
    return frames;
  }

  /**
   * Carries out one row and writes its answer.
   *
   * @param dropped frames since the last answer
   */
  void track(InputBatch batch, int row, long dropped) throws IOException {
    if (batch.hasPicture(row)) {
      push(batch, row);
    }
    results.clear();
    for (int i = batch.firstCommand(row); i < batch.endCommand(row); i++) {
      command(batch, i);
    }
    answers.answer(engine, frame, timestampNanos, dropped, results);
  }

  private void push(InputBatch batch, int row) {
    if (batch.frame(row) <= frame) {
      throw new ProtocolException(
          "frame does not follow the last one: frame=%d, last=%d; count upwards"
              .formatted(batch.frame(row), frame));
    }
    int newHeight = batch.height(row);
    int newWidth = batch.width(row);
    if (engine == null) {
      engine = engines.open(newHeight, newWidth);
      for (InputBatch slab : batches) {
        engine.pin(slab.memory());
      }
    } else if (newHeight != height || newWidth != width) {
      engine.resize(newHeight, newWidth);
    }
    height = newHeight;
    width = newWidth;
    engine.push(batch.frame(row), batch.picture(row), 3L * newWidth);
    frame = batch.frame(row);
    timestampNanos = batch.timestampNanos(row);
    frames++;
  }

  private void command(InputBatch batch, int i) {
    if (engine == null) {
      results.refused("no picture has come yet: commands need one; send it first, or with them");
      return;
    }
    Operation operation = batch.operation(i);
    if (operation == null) {
      results.refused(
          "operation is unknown: op=%s; give %s".formatted(batch.operationText(i), Operation.ALL));
      return;
    }
    try {
      carryOut(operation, batch, i);
    } catch (MoteException | IllegalArgumentException e) {
      results.refused(String.valueOf(e.getMessage()));
    }
  }

  private void carryOut(Operation operation, InputBatch batch, int i) {
    long point = batch.point(i);
    switch (operation) {
      case ADD -> {
        results.added(engine.add(batch.ofFrame(i, frame), batch.x(i), batch.y(i)));
        return;
      }
      case MOVE -> engine.move(point, batch.ofFrame(i, frame), batch.x(i), batch.y(i));
      case REMOVE -> engine.remove(point);
      case FREEZE -> engine.freeze(point);
      case THAW -> engine.thaw(point);
      case CUT -> engine.cut();
    }
    results.done();
  }

  @Override
  public void close() {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }
}
