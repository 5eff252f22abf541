package mote.engine.reference;

import mote.engine.Architecture;

/**
 * The MLP-Mixer over the frames of one point's window, with its head. Rows are frames.
 *
 * @param input from the mixer's inputs to its width
 * @param frameBias (S, D) added to the frames: {@code mote}'s temporal embedding; null for {@code
 *     pips}
 * @param meanOverFrames whether the head reads the mean over the frames ({@code pips}) or each
 *     frame
 */
record Mixer(
    Linear input,
    double[][] frameBias,
    Block[] blocks,
    LayerNorm norm,
    boolean meanOverFrames,
    Linear head) {

  /** x + tokens(norm1(x)), then x + channels(norm2(x)). */
  record Block(
      LayerNorm norm1, Linear token1, Linear token2, LayerNorm norm2, Linear mlp1, Linear mlp2) {
    double[][] apply(double[][] x) {
      double[][] frames = transposed(norm1.apply(x));
      x = sum(x, transposed(token2.apply(Gelu.apply(token1.apply(frames)))));
      return sum(x, mlp2.apply(Gelu.apply(mlp1.apply(norm2.apply(x)))));
    }
  }

  static Mixer of(Architecture architecture, Parameters parameters) {
    return architecture.family() == Architecture.Family.PIPS
        ? pips(architecture, parameters)
        : mote(architecture, parameters);
  }

  private static Mixer pips(Architecture architecture, Parameters parameters) {
    String mixer = "delta_block.to_delta.";
    int depth = architecture.depth();
    Block[] blocks = new Block[depth];
    for (int b = 0; b < depth; b++) {
      String token = mixer + (b + 1) + ".0";
      String channel = mixer + (b + 1) + ".1";
      blocks[b] =
          new Block(
              parameters.layerNorm(token + ".norm"),
              parameters.linear(token + ".fn.0"),
              parameters.linear(token + ".fn.3"),
              parameters.layerNorm(channel + ".norm"),
              parameters.linear(channel + ".fn.0"),
              parameters.linear(channel + ".fn.3"));
    }
    return new Mixer(
        parameters.linear(mixer + 0),
        null,
        blocks,
        parameters.layerNorm(mixer + (depth + 1)),
        true,
        parameters.linear(mixer + (depth + 3)));
  }

  private static Mixer mote(Architecture architecture, Parameters parameters) {
    Block[] blocks = new Block[architecture.depth()];
    for (int b = 0; b < blocks.length; b++) {
      String name = "mix." + b;
      blocks[b] =
          new Block(
              parameters.layerNorm(name + ".n1"),
              parameters.linear(name + ".t1"),
              parameters.linear(name + ".t2"),
              parameters.layerNorm(name + ".n2"),
              parameters.linear(name + ".f1"),
              parameters.linear(name + ".f2"));
    }
    float[] values = parameters.values("temb");
    double[][] frameBias = new double[architecture.window()][architecture.width()];
    for (int i = 0; i < values.length; i++) {
      frameBias[i / architecture.width()][i % architecture.width()] = values[i];
    }
    return new Mixer(
        parameters.linear("inp"),
        frameBias,
        blocks,
        parameters.layerNorm("nrm"),
        false,
        parameters.linear("head"));
  }

  /**
   * @param frames (S, inputs)
   * @return {@code pips}: one row of S * (2 + C); {@code mote}: S rows of 4
   */
  double[][] apply(double[][] frames) {
    double[][] x = input.apply(frames);
    x = frameBias == null ? x : sum(x, frameBias);
    for (Block block : blocks) {
      x = block.apply(x);
    }
    x = norm.apply(x);
    return head.apply(meanOverFrames ? new double[][] {mean(x)} : x);
  }

  private static double[][] transposed(double[][] x) {
    double[][] out = new double[x[0].length][x.length];
    for (int r = 0; r < x.length; r++) {
      for (int c = 0; c < x[r].length; c++) {
        out[c][r] = x[r][c];
      }
    }
    return out;
  }

  private static double[][] sum(double[][] a, double[][] b) {
    double[][] out = new double[a.length][a[0].length];
    for (int r = 0; r < a.length; r++) {
      for (int c = 0; c < a[r].length; c++) {
        out[r][c] = a[r][c] + b[r][c];
      }
    }
    return out;
  }

  private static double[] mean(double[][] rows) {
    double[] out = new double[rows[0].length];
    for (double[] row : rows) {
      for (int c = 0; c < row.length; c++) {
        out[c] += row[c] / rows.length;
      }
    }
    return out;
  }
}
