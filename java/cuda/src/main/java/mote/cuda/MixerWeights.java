package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import mote.engine.Architecture;
import mote.engine.Precision;

/** The mixer's parameters in device memory, and how its kernel runs. */
final class MixerWeights {
  /** Hidden columns on chip at once, at most. */
  private static final int MOST_HIDDEN = 256;

  /** From so many points on a block of threads takes four of them, not two. */
  private static final int MANY_POINTS = 128;

  private static final int THREADS = 256;

  private final Architecture architecture;
  private final Kernels kernels;
  private final List<DeviceBuffer[]> blocks = new ArrayList<>();
  private final DeviceBuffer[] ends;
  private final DeviceBuffer table;
  private final StructLayout blockLayout = Structs.layout("MixerBlock");
  private final int pitch;
  private final int hidden;

  MixerWeights(Architecture architecture, Kernels kernels, Memory memory, Parameters parameters) {
    this.architecture = architecture;
    this.kernels = kernels;
    pitch = Packing.pitch(architecture.width());
    hidden = Packing.pitch(architecture.width() * architecture.channelExpansion());
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    String mixer = pips ? "delta_block.to_delta." : "";
    for (int block = 0; block < architecture.depth(); block++) {
      String token = pips ? mixer + (block + 1) + ".0.fn." : "mix." + block + ".t";
      String channel = pips ? mixer + (block + 1) + ".1.fn." : "mix." + block + ".f";
      blocks.add(
          block(
              parameters,
              pips ? mixer + (block + 1) + ".0.norm" : "mix." + block + ".n1",
              token + (pips ? "0" : "1"),
              token + (pips ? "3" : "2"),
              pips ? mixer + (block + 1) + ".1.norm" : "mix." + block + ".n2",
              channel + (pips ? "0" : "1"),
              channel + (pips ? "3" : "2")));
    }
    ends = ends(parameters, pips, mixer);
    table = memory.device("mixer blocks", blockLayout.byteSize() * blocks.size());
  }

  private DeviceBuffer[] ends(Parameters parameters, boolean pips, String mixer) {
    String input = pips ? mixer + 0 : "inp";
    String norm = pips ? mixer + (architecture.depth() + 1) : "nrm";
    String head = pips ? mixer + (architecture.depth() + 3) : "head";
    int inputs = Packing.pitch(architecture.mixerInputs());
    int outputs = outputs();
    IntUnaryOperator same = IntUnaryOperator.identity();
    return new DeviceBuffer[] {
      parameters.linear(input + ".weight", pitch / 16, inputs, same),
      parameters.floats(input + ".bias", pitch),
      pips ? null : parameters.floats("temb", architecture.window() * architecture.width()),
      parameters.floats(norm + ".weight", pitch),
      parameters.floats(norm + ".bias", pitch),
      parameters.linear(head + ".weight", Packing.pitch(outputs) / 16, pitch, same),
      parameters.floats(head + ".bias", outputs)
    };
  }

  /** Outputs of the head in a row: pips all frames of a point, mote one frame. */
  private int outputs() {
    return architecture.family() == Architecture.Family.PIPS ? architecture.mixerOutputs() : 4;
  }

  /** In the order of MixerBlock. */
  private DeviceBuffer[] block(
      Parameters parameters,
      String norm1,
      String token1,
      String token2,
      String norm2,
      String channel1,
      String channel2) {
    int window = architecture.window();
    int tokens = window * architecture.tokenExpansion();
    IntUnaryOperator same = IntUnaryOperator.identity();
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
      parameters.linear(channel1 + ".weight", hidden / 16, pitch, same),
      parameters.floats(channel1 + ".bias", hidden),
      parameters.linear(channel2 + ".weight", pitch / 16, hidden, same),
      parameters.floats(channel2 + ".bias", pitch)
    };
  }

  /** Writes the blocks' addresses, once memory is allocated. */
  void upload() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment structs = arena.allocate(blockLayout, blocks.size());
      for (int i = 0; i < blocks.size(); i++) {
        for (int member = 0; member < blocks.get(i).length; member++) {
          structs.set(
              java.lang.foreign.ValueLayout.JAVA_LONG,
              i * blockLayout.byteSize() + 8L * member,
              blocks.get(i)[member].address());
        }
      }
      table.upload(0, structs);
    }
  }

  /**
   * The launch for at most so many points.
   *
   * @param active null: all points are
   */
  Launch launch(Arena arena, PointBuffers buffers, DeviceBuffer active, int points) {
    int chunk = Math.min(hidden, MOST_HIDDEN);
    boolean four = kernels.precision() != Precision.F32 && points >= MANY_POINTS;
    int rows = four ? 32 : 16;
    int operands = pitch + kernels.pad() + chunk + kernels.pad();
    int shared = rows * ((pitch + 4) * 4 + operands * kernels.operandBytes() + 8);
    Structs.Struct params =
        new Structs.Struct(arena, "MixerParams")
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
            .set("hidden_chunk", chunk)
            .set("outputs", outputs())
            .set("mean", architecture.family() == Architecture.Family.PIPS ? 1 : 0);
    int pointsPerBlock = rows / architecture.window();
    return new Launch(
        kernels,
        "mixer",
        kernels.typed("mixer", "mixer" + rows),
        params,
        (points + pointsPerBlock - 1) / pointsPerBlock,
        1,
        THREADS,
        shared);
  }
}
