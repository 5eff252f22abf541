package mote.cli.bench;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mote.cli.demo.DemoScene;
import mote.engine.FrameSource;
import mote.engine.Frames;

/** Frames of any size and number: a patterned ground that drifts, made as they are read. */
public final class BenchClip implements FrameSource {
  private static final int FRAMES_PER_SECOND = 30;

  private final byte[] ground;
  private final int groundSize;
  private final int height;
  private final int width;
  private final int frames;
  private int next;

  public BenchClip(int height, int width, int frames) {
    this.height = height;
    this.width = width;
    this.frames = frames;
    groundSize = 2 * Math.max(height, width);
    ground = DemoScene.ground(groundSize);
  }

  @Override
  public int height() {
    return height;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public long expectedFrames() {
    return frames - next;
  }

  @Override
  public int read(Frames into) {
    into.clear();
    while (next < frames && into.count() < into.capacity()) {
      // Round and round, 2 pixels a frame, always inside the ground.
      int reach = groundSize - Math.max(height, width);
      int x = (int) (reach * (0.5 + 0.4 * Math.sin(4.0 * next / reach)));
      int y = (int) (reach * (0.5 + 0.4 * Math.cos(4.0 * next / reach)));
      MemorySegment picture = into.picture(into.count());
      for (int row = 0; row < height; row++) {
        int from = ((y + row) * groundSize + x) * 3;
        MemorySegment.copy(
            ground, from, picture, ValueLayout.JAVA_BYTE, (long) row * width * 3, width * 3);
      }
      into.append(next, Math.round(next * 1e9 / FRAMES_PER_SECOND));
      next++;
    }
    return into.count();
  }

  @Override
  public void close() {
    // Memory only.
  }
}
