package mote.cli.eval;

import static org.bytedeco.opencv.global.opencv_core.CV_32FC2;
import static org.bytedeco.opencv.global.opencv_video.calcOpticalFlowPyrLK;

import mote.engine.MoteException;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;
import org.bytedeco.opencv.opencv_core.TermCriteria;

/**
 * Pyramidal Lucas-Kanade (Bouguet 2001, OpenCV's) from frame to frame, each from the last position:
 * windows of 21x21, 4 levels, at most 30 iterations or until a step is under 0.01 pixels. A lost
 * point stays where it was, and is called hidden.
 */
final class LucasKanade extends GreyFlow {
  private static final int WINDOW = 21;
  private static final int MAX_LEVEL = 3;
  private static final double LEAST_EIGENVALUE = 1e-4; // OpenCV's default

  private final Size window;
  private final TermCriteria criteria;

  /**
   * @throws MoteException where there is no OpenCV for this platform
   */
  LucasKanade(int height, int width) {
    super("Lucas-Kanade", height, width);
    window = new Size(WINDOW, WINDOW);
    criteria = new TermCriteria(TermCriteria.COUNT | TermCriteria.EPS, 30, 0.01);
  }

  @Override
  void follow(Mat last, Mat next, float[] xy, boolean[] found) {
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

  @Override
  public void close() {
    super.close();
    window.close();
    criteria.close();
  }
}
