package mote.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import mote.engine.Architecture;

/**
 * The mixer layer by layer: products by cuBLAS, kernels of ours for norm and GELU between them. It
 * is what the fused mixer is measured and checked against.
 *
 * <p>x is the residual stream in float32; both products of an MLP that end in it add to it, and
 * their biases are added by the norm that follows. Hidden layers are operands.
 */
final class CublasMixer implements Mixer {
  private static final int THREADS = 256;
  private static final int WARPS = 8;

  /** Parameters of a block, in the order of their use. */
  private record Block(
      DeviceBuffer norm1Weight,
      DeviceBuffer norm1Shift,
      DeviceBuffer token1,
      DeviceBuffer token1Bias,
      DeviceBuffer token2,
      DeviceBuffer token2Bias,
      DeviceBuffer norm2Weight,
      DeviceBuffer norm2Shift,
      DeviceBuffer channel1,
      DeviceBuffer channel1Bias,
      DeviceBuffer channel2,
      DeviceBuffer channel2Bias) {}

  private final Architecture architecture;
  private final Kernels kernels;
  private final MixerNames names;
  private final int window;
  private final int tokens;
  private final int inputs;
  private final int pitch;
  private final int hidden;
  private final boolean mean;
  private final List<Block> blocks = new ArrayList<>();
  private final DeviceBuffer input;
  private final DeviceBuffer inputBias;
  private final DeviceBuffer frameBias;
  private final DeviceBuffer normWeight;
  private final DeviceBuffer normShift;
  private final DeviceBuffer head;
  private final DeviceBuffer headBias;
  private final DeviceBuffer x;
  private final DeviceBuffer y;
  private final DeviceBuffer h;
  private final DeviceBuffer workspace;
  private Cublas cublas;

  /**
   * @param points there is room for
   */
  CublasMixer(
      Architecture architecture,
      Kernels kernels,
      Memory memory,
      Parameters parameters,
      int points) {
    this.architecture = architecture;
    this.kernels = kernels;
    names = new MixerNames(architecture);
    window = architecture.window();
    tokens = window * architecture.tokenExpansion();
    inputs = Packing.pitch(architecture.mixerInputs());
    pitch = Packing.pitch(architecture.width());
    hidden = Packing.pitch(architecture.width() * architecture.channelExpansion());
    mean = architecture.family() == Architecture.Family.PIPS;
    input = parameters.matrix(names.input() + ".weight", pitch, inputs);
    inputBias = parameters.floats(names.input() + ".bias", pitch);
    frameBias =
        names.frameBias() == null
            ? null
            : parameters.floats(names.frameBias(), window * architecture.width());
    for (int block = 0; block < architecture.depth(); block++) {
      blocks.add(block(parameters, block));
    }
    normWeight = parameters.floats(names.norm() + ".weight", pitch);
    normShift = parameters.floats(names.norm() + ".bias", pitch);
    head = parameters.matrix(names.head() + ".weight", names.outputs(), pitch);
    headBias = parameters.floats(names.head() + ".bias", names.outputs());
    long rows = (long) points * window;
    long hiddenValues = Math.max(rows * hidden, (long) points * tokens * pitch);
    x = memory.device("mixer residual", rows * pitch * Float.BYTES);
    y = memory.device("mixer norm", rows * pitch * kernels.operandBytes());
    h = memory.device("mixer hidden", hiddenValues * kernels.operandBytes());
    workspace = memory.device("cuBLAS workspace", Cublas.WORKSPACE_BYTES);
  }

  private Block block(Parameters parameters, int block) {
    return new Block(
        parameters.floats(names.norm1(block) + ".weight", pitch),
        parameters.floats(names.norm1(block) + ".bias", pitch),
        parameters.matrix(names.token1(block) + ".weight", tokens, window),
        parameters.floats(names.token1(block) + ".bias", tokens),
        parameters.matrix(names.token2(block) + ".weight", window, tokens),
        parameters.floats(names.token2(block) + ".bias", window),
        parameters.floats(names.norm2(block) + ".weight", pitch),
        parameters.floats(names.norm2(block) + ".bias", pitch),
        parameters.matrix(names.channel1(block) + ".weight", hidden, pitch),
        parameters.floats(names.channel1(block) + ".bias", hidden),
        parameters.matrix(names.channel2(block) + ".weight", pitch, hidden),
        parameters.floats(names.channel2(block) + ".bias", pitch));
  }

  @Override
  public void open(Stream stream) {
    cublas = new Cublas(stream, workspace, kernels.precision());
  }

  /** All points are computed, {@code active} or not: a product leaves none out. */
  @Override
  public List<Step> steps(Arena arena, PointBuffers buffers, DeviceBuffer active, int points) {
    return new Pass(arena, buffers, points).steps();
  }

  @Override
  public void close() {
    if (cublas != null) {
      cublas.close();
    }
  }

  /** The steps for so many points, as they are made. */
  private final class Pass {
    private final Arena arena;
    private final PointBuffers buffers;
    private final int points;
    private final int rows;
    private final List<Step> steps = new ArrayList<>();
    private final Cublas.Rows residual = new Cublas.Rows(x, pitch);
    private final Cublas.Rows normed = new Cublas.Rows(y, pitch);

    Pass(Arena arena, PointBuffers buffers, int points) {
      this.arena = arena;
      this.buffers = buffers;
      this.points = points;
      rows = points * window;
    }

    List<Step> steps() {
      biasRows(inputBias, frameBias, residual, rows, architecture.width());
      Cublas.Rows in = new Cublas.Rows(buffers.input(), inputs);
      Cublas.Rows weight = new Cublas.Rows(input, inputs);
      steps.add(cublas.linear("input", in, weight, residual, rows, inputs, pitch, true));
      DeviceBuffer before = null;
      for (Block block : blocks) {
        norm("layer_norm", before, false, block.norm1Weight, block.norm1Shift);
        tokens(block);
        norm("layer_norm", block.token2Bias, true, block.norm2Weight, block.norm2Shift);
        channels(block);
        before = block.channel2Bias;
      }
      norm(mean ? "layer_norm_mean" : "layer_norm", before, false, normWeight, normShift);
      int heads = mean ? points : rows;
      Cublas.Rows out = new Cublas.Rows(buffers.delta(), names.outputs());
      biasRows(headBias, null, out, heads, names.outputs());
      Cublas.Rows last = new Cublas.Rows(head, pitch);
      steps.add(cublas.linear("head", normed, last, out, heads, pitch, names.outputs(), true));
      return steps;
    }

    private void tokens(Block block) {
      steps.add(cublas.batched("token1", y, block.token1, h, points, window, tokens, pitch, false));
      gelu(block.token1Bias, points * tokens, pitch, tokens);
      steps.add(cublas.batched("token2", h, block.token2, x, points, tokens, window, pitch, true));
    }

    private void channels(Block block) {
      Cublas.Rows inner = new Cublas.Rows(h, hidden);
      Cublas.Rows first = new Cublas.Rows(block.channel1, pitch);
      Cublas.Rows second = new Cublas.Rows(block.channel2, hidden);
      steps.add(cublas.linear("channel1", normed, first, inner, rows, pitch, hidden, false));
      gelu(block.channel1Bias, rows, hidden, 0);
      steps.add(cublas.linear("channel2", inner, second, residual, rows, hidden, pitch, true));
    }

    private void biasRows(
        DeviceBuffer bias, DeviceBuffer frames, Cublas.Rows out, int count, int columns) {
      Structs.Struct params =
          new Structs.Struct(arena, "BiasRowsParams")
              .set("bias", bias)
              .set("frame_bias", frames)
              .set("out", out.values())
              .set("rows", count)
              .set("columns", columns)
              .set("pitch", out.pitch());
      long values = (long) count * out.pitch();
      launch("bias_rows", kernels.plain("bias_rows", "bias_rows"), params, values, THREADS);
    }

    /** y = norm of x, to which a bias is added first: of each frame, or of each column. */
    private void norm(
        String variant,
        DeviceBuffer bias,
        boolean byFrame,
        DeviceBuffer weight,
        DeviceBuffer shift) {
      Structs.Struct params =
          new Structs.Struct(arena, "LayerNormParams")
              .set("x", x)
              .set("bias", bias)
              .set("weight", weight)
              .set("shift", shift)
              .set("out", y)
              .set("rows", rows)
              .set("width", architecture.width())
              .set("pitch", pitch)
              .set("by_frame", byFrame ? 1 : 0);
      int warps = variant.equals("layer_norm") ? rows : points;
      launch(variant, kernels.typed("layer_norm", variant), params, warps, WARPS);
    }

    /**
     * @param period rows after which biases repeat; 0: a bias a column
     */
    private void gelu(DeviceBuffer bias, int count, int width, int period) {
      Structs.Struct params =
          new Structs.Struct(arena, "BiasGeluParams")
              .set("values", h)
              .set("bias", bias)
              .set("rows", count)
              .set("pitch", width)
              .set("period", period);
      long vectors = (long) count * width / (16 / kernels.operandBytes());
      launch("bias_gelu", kernels.typed("bias_gelu", "bias_gelu"), params, vectors, THREADS);
    }

    /**
     * @param size threads or warps that are needed
     * @param block of them in a block of threads
     */
    private void launch(
        String name,
        jcuda.driver.CUfunction function,
        Structs.Struct params,
        long size,
        int block) {
      long count = (size + block - 1) / block;
      steps.add(new Launch(kernels, name, function, params, count, 1, THREADS, 0));
    }
  }
}
