package mote.cli.eval;

import mote.engine.MoteException;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_video.DISOpticalFlow;

/**
 * Dense optical flow chained from frame to frame: OpenCV's DIS (Kroeger et al., Fast Optical Flow
 * using Dense Inverse Search, 2016; preset medium) on grey pictures, sampled bilinearly at the last
 * position; beyond the border, the border's flow.
 *
 * <p>A point moves on with the flow whatever happens. It is called visible where it lies in the
 * picture and the flow back agrees: {@code |f + b|^2 < 0.01 (|f|^2 + |b|^2) + 0.5} with the flow
 * {@code f} at the last position and {@code b} back from where that leads (Sundaram, Brox, Keutzer
 * 2010).
 */
final class DenseFlow extends GreyFlow {
  private static final float RELATIVE = 0.01f;
  private static final float ABSOLUTE = 0.5f;

  private final int height;
  private final int width;
  private final DISOpticalFlow dis;
  private final Mat field;
  private final float[] forward;
  private final float[] backward;

  /**
   * @throws MoteException where there is no OpenCV for this platform
   */
  DenseFlow(int height, int width) {
    super("dense optical flow", height, width);
    this.height = height;
    this.width = width;
    field = new Mat();
    dis = DISOpticalFlow.create(DISOpticalFlow.PRESET_MEDIUM);
    forward = new float[height * width * 2];
    backward = new float[height * width * 2];
  }

  @Override
  void follow(Mat from, Mat to, float[] xy, boolean[] found) {
    compute(from, to, forward);
    compute(to, from, backward);
    for (int n = 0; n < found.length; n++) {
      found[n] = move(xy, n);
    }
  }

  private void compute(Mat from, Mat to, float[] flow) {
    field.release(); // or the last flow would be the first guess
    dis.calc(from, to, field);
    try (FloatPointer values = new FloatPointer(field.data())) {
      values.get(flow, 0, flow.length);
    }
  }

  private boolean move(float[] xy, int n) {
    float x = xy[2 * n];
    float y = xy[2 * n + 1];
    float fx = sample(forward, x, y, 0);
    float fy = sample(forward, x, y, 1);
    x += fx;
    y += fy;
    xy[2 * n] = x;
    xy[2 * n + 1] = y;
    float bx = sample(backward, x, y, 0);
    float by = sample(backward, x, y, 1);
    float error = (fx + bx) * (fx + bx) + (fy + by) * (fy + by);
    float squares = fx * fx + fy * fy + bx * bx + by * by;
    // The pixels of the border reach half a pixel beyond their centres.
    boolean inside = x >= -0.5f && x < width - 0.5f && y >= -0.5f && y < height - 0.5f;
    return inside && error < RELATIVE * squares + ABSOLUTE;
  }

  private float sample(float[] flow, float x, float y, int axis) {
    float column = Math.clamp(x, 0, width - 1);
    float row = Math.clamp(y, 0, height - 1);
    int left = Math.min((int) column, Math.max(0, width - 2));
    int top = Math.min((int) row, Math.max(0, height - 2));
    int right = Math.min(left + 1, width - 1);
    int bottom = Math.min(top + 1, height - 1);
    float u = column - left;
    float v = row - top;
    float above =
        (1 - u) * flow[(top * width + left) * 2 + axis]
            + u * flow[(top * width + right) * 2 + axis];
    float below =
        (1 - u) * flow[(bottom * width + left) * 2 + axis]
            + u * flow[(bottom * width + right) * 2 + axis];
    return (1 - v) * above + v * below;
  }

  @Override
  public void close() {
    super.close();
    field.close();
    dis.close();
  }
}
