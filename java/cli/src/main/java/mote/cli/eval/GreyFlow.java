package mote.cli.eval;

import java.util.Arrays;
import mote.engine.MoteException;
import org.bytedeco.opencv.opencv_core.Mat;

/** Flow between two grey pictures by OpenCV: keeps the last one and the one of this call. */
abstract class GreyFlow implements FrameFlow {
  private GreyPicture last;
  private GreyPicture next;
  private boolean started;

  /**
   * @param what is computed
   * @throws MoteException where there is no OpenCV for this platform
   */
  GreyFlow(String what, int height, int width) {
    GreyPicture.require(what);
    last = new GreyPicture(height, width);
    next = new GreyPicture(height, width);
  }

  @Override
  public final void advance(byte[] rgb, float[] xy, boolean[] found) {
    next.set(rgb);
    Arrays.fill(found, true);
    if (started && xy.length > 0) {
      follow(last.mat(), next.mat(), xy, found);
    }
    started = true;
    GreyPicture spare = last;
    last = next;
    next = spare;
  }

  /** Moves at least one point from one picture to the next, as {@link #advance} does. */
  abstract void follow(Mat from, Mat to, float[] xy, boolean[] found);

  @Override
  public void close() {
    last.close();
    next.close();
  }
}
