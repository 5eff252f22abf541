package mote.cli.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.cli.demo.DemoScene;

/**
 * Pictures in native memory that go round without a seam: a patterned ground that is shifted by
 * whole pixels along a circle, so that it is known where every point is.
 */
public final class LiveClip implements AutoCloseable {
  /** Frames of one round: 4 seconds at 30 frames a second. */
  public static final int FRAMES = 120;

  private static final int PAGE = 4096;

  /** Pixels; the fastest step is a pixel a frame. */
  private static final int RADIUS = 20;

  private final int height;
  private final int width;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment slab;
  private final MemorySegment[] pictures = new MemorySegment[FRAMES];

  public LiveClip(int height, int width) {
    this.height = height;
    this.width = width;
    int size = Math.max(height, width) + 2 * RADIUS + 1;
    byte[] ground = DemoScene.ground(size);
    long bytes = 3L * height * width;
    slab = arena.allocate(FRAMES * bytes, PAGE);
    for (int frame = 0; frame < FRAMES; frame++) {
      pictures[frame] = slab.asSlice(frame * bytes, bytes);
      for (int row = 0; row < height; row++) {
        int from = ((shiftY(frame) + row) * size + shiftX(frame)) * 3;
        MemorySegment.copy(
            ground, from, pictures[frame], ValueLayout.JAVA_BYTE, 3L * row * width, 3 * width);
      }
    }
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  /** The memory of all pictures, as {@link mote.engine.Backend#pin} wants it. */
  public MemorySegment slab() {
    return slab;
  }

  /** The picture of any frame, from 0 on. */
  public MemorySegment picture(long frame) {
    return pictures[(int) (frame % FRAMES)];
  }

  private static int shiftX(long frame) {
    return (int) Math.round(RADIUS + RADIUS * Math.sin(2 * Math.PI * frame / FRAMES));
  }

  private static int shiftY(long frame) {
    return (int) Math.round(RADIUS + RADIUS * Math.cos(2 * Math.PI * frame / FRAMES));
  }

  /** Where a point of frame 0 is along x. */
  public static float x(float first, long frame) {
    return first + shiftX(0) - shiftX(frame % FRAMES);
  }

  /** Where a point of frame 0 is along y. */
  public static float y(float first, long frame) {
    return first + shiftY(0) - shiftY(frame % FRAMES);
  }

  /**
   * Points on frame 0, evenly spaced, that never leave the picture.
   *
   * @return x and y in turn
   */
  public float[] points(int count) {
    int side = (int) Math.ceil(Math.sqrt(count));
    // From frame 0 on the ground moves by -RADIUS to RADIUS along x, by 0 to 2 RADIUS along y.
    int margin = RADIUS + 8;
    float[] xy = new float[2 * count];
    for (int i = 0; i < count; i++) {
      float u = (i % side + 0.5f) / side;
      float v = (i / side + 0.5f) / side;
      xy[2 * i] = margin + u * (width - 1 - 2 * margin);
      xy[2 * i + 1] = 8 + v * (height - 1 - 16 - 2 * RADIUS);
    }
    return xy;
  }

  @Override
  public void close() {
    arena.close();
  }
}
