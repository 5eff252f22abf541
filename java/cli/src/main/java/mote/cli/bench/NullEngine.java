package mote.cli.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.stream.PointEngine;

/**
 * An engine that does nothing, to measure what is around it: a fixed number of points whose
 * positions tell the first byte of the picture.
 */
final class NullEngine implements PointEngine {
  private final int points;
  private byte first;

  NullEngine(int points) {
    this.points = points;
  }

  /** Where the points are with such a picture. */
  static float x(int row, byte first) {
    return row + (first & 0xff);
  }

  @Override
  public void push(long frame, MemorySegment picture, long rowStrideBytes) {
    first = picture.get(ValueLayout.JAVA_BYTE, 0);
  }

  @Override
  public int count() {
    return points;
  }

  @Override
  public long point(int row) {
    return row;
  }

  @Override
  public float x(int row) {
    return x(row, first);
  }

  @Override
  public float y(int row) {
    return row;
  }

  @Override
  public float visibility(int row) {
    return 1;
  }

  @Override
  public float confidence(int row) {
    return 1;
  }

  @Override
  public void resize(int height, int width) {
    throw unused();
  }

  @Override
  public long add(long frame, float x, float y) {
    throw unused();
  }

  @Override
  public void remove(long point) {
    throw unused();
  }

  @Override
  public void move(long point, long frame, float x, float y) {
    throw unused();
  }

  @Override
  public void freeze(long point) {
    throw unused();
  }

  @Override
  public void thaw(long point) {
    throw unused();
  }

  @Override
  public void cut() {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("engine tracks nothing: name=null; send frames only");
  }

  @Override
  public void close() {}
}
