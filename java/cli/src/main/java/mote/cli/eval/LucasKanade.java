package mote.cli.eval;

import static org.bytedeco.opencv.global.opencv_core.CV_32FC2;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_video.calcOpticalFlowPyrLK;

import mote.engine.MoteException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_video;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_core.TermCriteria;

/**
 * Pyramidal Lucas-Kanade (Bouguet 2001, OpenCV's) from frame to frame, each from the last position:
 * windows of 21x21, 4 levels, at most 30 iterations or until a step is under 0.01 pixels. A lost
 * point stays where it was, and is called hidden.
 */
final class LucasKanade implements AutoCloseable {
  private static final int WINDOW = 21;
  private static final int MAX_LEVEL = 3;
  private static final double LEAST_EIGENVALUE = 1e-4; // OpenCV's default

  private final int height;
  private final int width;
  private final byte[] grey;
  private final Size window;
  private final TermCriteria criteria;
  private Mat last;
  private Mat next;
  private boolean started;

  /**
   * @throws MoteException where there is no OpenCV for this platform
   */
  LucasKanade(int height, int width) {
    try {
      Loader.load(opencv_video.class);
    } catch (LinkageError e) {
      throw new MoteException(
          "Lucas-Kanade cannot be computed here: platform=%s, missing=OpenCV; use Linux on x86-64"
              .formatted(Loader.getPlatform()),
          e);
    }
    window = new Size(WINDOW, WINDOW);
    criteria = new TermCriteria(TermCriteria.COUNT | TermCriteria.EPS, 30, 0.01);
    this.height = height;
    this.width = width;
    grey = new byte[height * width];
    last = new Mat(height, width, CV_8UC1);
    next = new Mat(height, width, CV_8UC1);
  }

  /**
   * Moves points from the picture of the last call to this one; the first call only keeps it.
   *
   * @param rgb height x width RGB triples
   * @param xy (N, 2), in pixels: positions in the last picture, changed to those in this one
   * @param found (N) out: false where the point was lost
   */
  void advance(byte[] rgb, float[] xy, boolean[] found) {
    toGrey(rgb);
    next.data().put(grey, 0, grey.length);
    java.util.Arrays.fill(found, true);
    if (started && xy.length > 0) {
      follow(xy, found);
    }
    started = true;
    Mat spare = last;
    last = next;
    next = spare;
  }

  private void follow(float[] xy, boolean[] found) {
    int count = xy.length / 2;
    try (Mat from = new Mat(count, 1, CV_32FC2);
        Mat to = new Mat();
        Mat status = new Mat();
        Mat error = new Mat();
        FloatPointer points = new FloatPointer(from.data())) {
      points.put(xy, 0, xy.length);
      calcOpticalFlowPyrLK(
          last, next, from, to, status, error, window, MAX_LEVEL, criteria, 0, LEAST_EIGENVALUE);
      float[] moved = new float[xy.length];
      byte[] good = new byte[count];
      try (FloatPointer positions = new FloatPointer(to.data());
          BytePointer flags = new BytePointer(status.data())) {
        positions.get(moved, 0, moved.length);
        flags.get(good, 0, good.length);
      }
      for (int n = 0; n < count; n++) {
        found[n] = good[n] != 0;
        if (found[n]) {
          xy[2 * n] = moved[2 * n];
          xy[2 * n + 1] = moved[2 * n + 1];
        }
      }
    }
  }

  /** ITU-R BT.601 luma, with the rounding of OpenCV's cvtColor. */
  private void toGrey(byte[] rgb) {
    for (int i = 0; i < grey.length; i++) {
      int red = rgb[3 * i] & 0xff;
      int green = rgb[3 * i + 1] & 0xff;
      int blue = rgb[3 * i + 2] & 0xff;
      grey[i] = (byte) (4899 * red + 9617 * green + 1868 * blue + 8192 >> 14);
    }
  }

  @Override
  public void close() {
    last.close();
    next.close();
    window.close();
    criteria.close();
  }
}
