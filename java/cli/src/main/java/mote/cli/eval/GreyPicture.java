package mote.cli.eval;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;

import mote.engine.MoteException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.opencv.global.opencv_video;
import org.bytedeco.opencv.opencv_core.Mat;

/** A grey picture in OpenCV's memory. */
final class GreyPicture implements AutoCloseable {
  private final byte[] grey;
  private final Mat mat;

  GreyPicture(int height, int width) {
    grey = new byte[height * width];
    mat = new Mat(height, width, CV_8UC1);
  }

  /**
   * Loads OpenCV.
   *
   * @param what is to be computed with it
   * @throws MoteException where there is no OpenCV for this platform
   */
  static void require(String what) {
    try {
      Loader.load(opencv_video.class);
    } catch (LinkageError e) {
      throw new MoteException(
          "%s cannot be computed here: platform=%s, missing=OpenCV; use Linux on x86-64"
              .formatted(what, Loader.getPlatform()),
          e);
    }
  }

  Mat mat() {
    return mat;
  }

  /** ITU-R BT.601 luma, with the rounding of OpenCV's cvtColor. */
  void set(byte[] rgb) {
    for (int i = 0; i < grey.length; i++) {
      int red = rgb[3 * i] & 0xff;
      int green = rgb[3 * i + 1] & 0xff;
      int blue = rgb[3 * i + 2] & 0xff;
      grey[i] = (byte) (4899 * red + 9617 * green + 1868 * blue + 8192 >> 14);
    }
    mat.data().put(grey, 0, grey.length);
  }

  @Override
  public void close() {
    mat.close();
  }
}
