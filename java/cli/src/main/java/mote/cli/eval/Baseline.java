package mote.cli.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mote.engine.FrameSource;
import mote.engine.Frames;
import org.apache.arrow.memory.RootAllocator;

/**
 * What every tracker must beat: nothing moves, Lucas-Kanade and dense optical flow from frame to
 * frame.
 */
public enum Baseline implements Method {
  ZERO("zero", null),
  LUCAS_KANADE("lk", LucasKanade::new),
  DENSE_FLOW("dis", DenseFlow::new);

  private final String id;
  private final Opener opener;

  /** Opens a flow for pictures of a height and a width. */
  private interface Opener {
    FrameFlow open(int height, int width);
  }

  Baseline(String id, Opener opener) {
    this.id = id;
    this.opener = opener;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Estimate track(Clip clip) {
    Rows rows = new Rows(clip);
    try (FrameSource source = clip.frames().get();
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, source.height(), source.width(), 1)) {
      if (opener == null) {
        while (source.read(batch) > 0) {
          rows.append();
        }
      } else {
        follow(clip, source, batch, rows);
      }
    }
    return rows.estimate();
  }

  private void follow(Clip clip, FrameSource source, Frames batch, Rows rows) {
    PictureResize resize =
        new PictureResize(source.height(), source.width(), clip.height(), clip.width());
    byte[] rgb = new byte[clip.height() * clip.width() * 3];
    try (FrameFlow flow = opener.open(clip.height(), clip.width())) {
      for (int frame = 0; source.read(batch) > 0; frame++) {
        resize.resize(batch.picture(0), rgb);
        int now = frame;
        int[] started =
            java.util.stream.IntStream.range(0, clip.points())
                .filter(n -> clip.queryFrames()[n] < now)
                .toArray();
        float[] xy = new float[started.length * 2];
        boolean[] found = new boolean[started.length];
        for (int i = 0; i < started.length; i++) {
          xy[2 * i] = rows.xy[2 * started[i]];
          xy[2 * i + 1] = rows.xy[2 * started[i] + 1];
        }
        flow.advance(rgb, xy, found);
        for (int i = 0; i < started.length; i++) {
          rows.xy[2 * started[i]] = xy[2 * i];
          rows.xy[2 * started[i] + 1] = xy[2 * i + 1];
          rows.visible[started[i]] = found[i];
        }
        rows.append();
      }
    }
  }

  /** The current positions, and those of all frames so far. */
  private static final class Rows {
    private final float[] xy;
    private final boolean[] visible;
    private final List<float[]> positions = new ArrayList<>();
    private final List<boolean[]> flags = new ArrayList<>();

    Rows(Clip clip) {
      xy = clip.queries().clone();
      visible = new boolean[clip.points()];
      Arrays.fill(visible, true);
    }

    void append() {
      positions.add(xy.clone());
      flags.add(visible.clone());
    }

    Estimate estimate() {
      int frames = positions.size();
      float[] all = new float[frames * xy.length];
      boolean[] allVisible = new boolean[frames * visible.length];
      for (int frame = 0; frame < frames; frame++) {
        System.arraycopy(positions.get(frame), 0, all, frame * xy.length, xy.length);
        System.arraycopy(flags.get(frame), 0, allVisible, frame * visible.length, visible.length);
      }
      return new Estimate(frames, visible.length, all, allVisible);
    }
  }
}
