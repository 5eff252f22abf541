package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import mote.engine.Architecture;
import mote.engine.Precision;

/** The fused mixer: its parameters in device memory, and how its one kernel runs. */
final class MixerWeights implements Mixer {
  /** Hidden columns on chip at once, at most. */
  private static final int MOST_HIDDEN = 256;

  /** From so many points on a block of threads takes four of them, not two. */
  private static final int MANY_POINTS = 128;

  private static final int THREADS = 256;

  private final Architecture architecture;
  private final Kernels kernels;
  private final MixerNames names;
  private final boolean products;
  private final List<DeviceBuffer[]> blocks = new ArrayList<>();
  private final DeviceBuffer[] ends;
  private final DeviceBuffer table;
  private final StructLayout blockLayout = Structs.layout("MixerBlock");
  private final int pitch;
  private final int hidden;

  MixerWeights(Architecture architecture, Kernels kernels, Memory memory, Parameters parameters) {
    this(architecture, kernels, memory, parameters, true);
  }

  /** Norms, biases and token mixing alone, for a form that has the products' weights elsewhere. */
  static MixerWeights withoutProducts(
      Architecture architecture, Kernels kernels, Memory memory, Parameters parameters) {
    return new MixerWeights(architecture, kernels, memory, parameters, false);
  }

  private MixerWeights(
      Architecture architecture,
      Kernels kernels,
      Memory memory,
      Parameters parameters,
      boolean products) {
    this.architecture = architecture;
    this.products = products;
    this.kernels = kernels;
    pitch = Packing.pitch(architecture.width());
    hidden = Packing.pitch(architecture.width() * architecture.channelExpansion());
    names = new MixerNames(architecture);
    for (int block = 0; block < architecture.depth(); block++) {
      blocks.add(block(parameters, block));
    }
    ends = ends(parameters);
    table = memory.device("mixer blocks", blockLayout.byteSize() * blocks.size());
  }

  private DeviceBuffer[] ends(Parameters parameters) {
    String input = names.input();
    String norm = names.norm();
    String head = names.head();
    int inputs = Packing.pitch(architecture.mixerInputs());
    int outputs = names.outputs();
    return new DeviceBuffer[] {
      product(parameters, input, pitch / 16, inputs),
      parameters.floats(input + ".bias", pitch),
      names.frameBias() == null
          ? null
          : parameters.floats(names.frameBias(), architecture.window() * architecture.width()),
      parameters.floats(norm + ".weight", pitch),
      parameters.floats(norm + ".bias", pitch),
      product(parameters, head, Packing.pitch(outputs) / 16, pitch),
      parameters.floats(head + ".bias", outputs)
    };
  }

  private DeviceBuffer product(Parameters parameters, String name, int groups, int inputs) {
    return products
        ? parameters.linear(name + ".weight", groups, inputs, IntUnaryOperator.identity())
        : null;
  }

  /** In the order of MixerBlock. */
  private DeviceBuffer[] block(Parameters parameters, int block) {
    String norm1 = names.norm1(block);
    String token1 = names.token1(block);
    String token2 = names.token2(block);
    String norm2 = names.norm2(block);
    String channel1 = names.channel1(block);
    String channel2 = names.channel2(block);
    int window = architecture.window();
    int tokens = window * architecture.tokenExpansion();
    return new DeviceBuffer[] {
      parameters.floats(norm1 + ".weight", pitch),
      parameters.floats(norm1 + ".bias", pitch),
      parameters.floats(token1 + ".weight", tokens * window),
      parameters.floats(token1 + ".bias", tokens),
      // The kernel walks over the hidden frames: (tokens, 8).
      parameters.floats(token2 + ".weight", window * tokens, i -> i % window * tokens + i / window),
      parameters.floats(token2 + ".bias", window),
      parameters.floats(norm2 + ".weight", pitch),
      parameters.floats(norm2 + ".bias", pitch),
      product(parameters, channel1, hidden / 16, pitch),
      parameters.floats(channel1 + ".bias", hidden),
      product(parameters, channel2, pitch / 16, hidden),
      parameters.floats(channel2 + ".bias", pitch)
    };
  }

  /** Writes the blocks' addresses. */
  @Override
  public void open(Stream stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment structs = arena.allocate(blockLayout, blocks.size());
      for (int i = 0; i < blocks.size(); i++) {
        for (int member = 0; member < blocks.get(i).length; member++) {
          DeviceBuffer buffer = blocks.get(i)[member];
          structs.set(
              java.lang.foreign.ValueLayout.JAVA_LONG,
              i * blockLayout.byteSize() + 8L * member,
              buffer == null ? 0 : buffer.address());
        }
      }
      table.upload(0, structs);
    }
  }

  @Override
  public List<Step> steps(Arena arena, PointBuffers buffers, DeviceBuffer active, int points) {
    int chunk = Math.min(hidden, MOST_HIDDEN);
    boolean four = kernels.precision() != Precision.F32 && points >= MANY_POINTS;
    int rows = four ? 32 : 16;
    int operands = pitch + kernels.pad() + chunk + kernels.pad();
    int shared = rows * ((pitch + 4) * 4 + operands * kernels.operandBytes() + 8);
    Structs.Struct params =
        describe(new Structs.Struct(arena, "MixerParams"), buffers, active)
            .set("hidden_chunk", chunk);
    int pointsPerBlock = rows / architecture.window();
    Launch launch =
        new Launch(
            kernels,
            "mixer",
            kernels.typed("mixer", "mixer" + rows),
            params,
            (points + pointsPerBlock - 1) / pointsPerBlock,
            1,
            THREADS,
            shared);
    return List.of(launch);
  }

  /** Sets all but the chunk's size. */
  Structs.Struct describe(Structs.Struct params, PointBuffers buffers, DeviceBuffer active) {
    return params
        .set("call", buffers.call())
        .set("active", active)
        .set("in", buffers.input())
        .set("input_weight", ends[0])
        .set("input_bias", ends[1])
        .set("frame_bias", ends[2])
        .set("blocks", table)
        .set("norm_weight", ends[3])
        .set("norm_bias", ends[4])
        .set("head_weight", ends[5])
        .set("head_bias", ends[6])
        .set("out", buffers.delta())
        .set("in_pitch", Packing.pitch(architecture.mixerInputs()))
        .set("width", architecture.width())
        .set("pitch", pitch)
        .set("depth", architecture.depth())
        .set("tokens", (long) architecture.window() * architecture.tokenExpansion())
        .set("hidden", hidden)
        .set("outputs", names.outputs())
        .set("mean", architecture.family() == Architecture.Family.PIPS ? 1 : 0);
  }

  /** Its memory is the backend's. */
  @Override
  public void close() {}
}
