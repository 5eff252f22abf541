package mote.cli.bench;

import java.util.List;
import mote.engine.Architecture;

/**
 * Floating point operations of a model by the direct method: 2 for each multiply-add of every
 * convolution, linear layer and correlation, nothing for the rest. A cheaper algorithm (Winograd,
 * for one) does with fewer, and may so come out above the machine's peak.
 */
final class Operations {
  private final Architecture architecture;
  private double multiplyAdds;

  private Operations(Architecture architecture) {
    this.architecture = architecture;
  }

  /** To encode one picture. */
  static double encode(Architecture architecture, int height, int width, int stride) {
    Operations operations = new Operations(architecture);
    operations.encoder(height, width, stride);
    return 2 * operations.multiplyAdds;
  }

  /** To refine one point once over one window. */
  static double refine(Architecture architecture) {
    Operations operations = new Operations(architecture);
    operations.correlation();
    operations.mixer();
    return 2 * operations.multiplyAdds;
  }

  private void encoder(int height, int width, int stride) {
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    List<Integer> channels = architecture.channels();
    int features = architecture.features();
    int h = half(height);
    int w = half(width);
    conv(h, w, channels.get(0), 3, 7);
    int in = channels.get(0);
    int[] heights = new int[4];
    int[] widths = new int[4];
    for (int stage = 0; stage < 4; stage++) {
      int out = channels.get(stage);
      if (stage > 0) {
        h = half(h);
        w = half(w);
        conv(h, w, out, in, 1);
      }
      heights[stage] = h;
      widths[stage] = w;
      conv(h, w, out, in, 3);
      // The mote family's first stage is one residual block, every other stage is two.
      int more = pips || stage > 0 ? 3 : 1;
      for (int i = 0; i < more; i++) {
        conv(h, w, out, out, 3);
      }
      in = out;
    }
    if (pips) {
      int joined = channels.stream().mapToInt(Integer::intValue).sum();
      conv(height / stride, width / stride, architecture.neck(), joined, 3);
      conv(height / stride, width / stride, features, architecture.neck(), 1);
    } else {
      conv(heights[1], widths[1], features, channels.get(0), 3);
      conv(heights[1], widths[1], features, channels.get(1), 3);
      conv(heights[2], widths[2], features, channels.get(2), 1);
      conv(heights[3], widths[3], features, channels.get(3), 1);
      conv(heights[1], widths[1], features, features, 3);
    }
  }

  private void correlation() {
    int side = 2 * architecture.radius() + 2; // integer positions under a window of real ones
    double products = (double) architecture.levels() * architecture.patch() * side * side;
    multiplyAdds += architecture.window() * products * architecture.features();
    if (architecture.family() == Architecture.Family.MOTE) {
      linear(
          architecture.window() * architecture.levels(),
          architecture.patch() * architecture.positions(),
          architecture.correlationWidth());
    }
  }

  private void mixer() {
    int window = architecture.window();
    int width = architecture.width();
    linear(window, architecture.mixerInputs(), width);
    for (int block = 0; block < architecture.depth(); block++) {
      linear(2 * width, window, window * architecture.tokenExpansion());
      linear(2 * window, width, width * architecture.channelExpansion());
    }
    if (architecture.family() == Architecture.Family.PIPS) {
      linear(1, width, architecture.mixerOutputs());
      linear(window, architecture.features(), architecture.features()); // the feature's update
    } else {
      linear(window, width, architecture.mixerOutputs() / window);
    }
  }

  private void conv(int height, int width, int out, int in, int kernel) {
    multiplyAdds += (double) height * width * out * in * kernel * kernel;
  }

  private void linear(int times, int in, int out) {
    multiplyAdds += (double) times * in * out;
  }

  private static int half(int size) {
    return (size + 1) / 2;
  }
}
