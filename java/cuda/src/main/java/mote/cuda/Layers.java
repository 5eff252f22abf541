package mote.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import mote.engine.Plan;

/**
 * Layers of the encoder. Each method declares the layer's buffers and parameters at once and leaves
 * its launches for {@link #build}, when there is memory.
 */
final class Layers {
  private static final int TILE_HEIGHT = 8;
  private static final int TILE_WIDTH = 16;

  /** Pixels of a block of kernels/resize.cu. */
  private static final int RESIZE_PIXELS = 128;

  private final Kernels kernels;
  private final Memory memory;
  private final Parameters parameters;
  private final Arena arena;
  private final DeviceBuffer partial;
  private final List<Supplier<Launch>> steps = new ArrayList<>();

  /**
   * @param arena holds the launches' parameters
   * @param partial sums for the norms, one layer after the other
   */
  Layers(Kernels kernels, Memory memory, Parameters parameters, Arena arena, DeviceBuffer partial) {
    this.kernels = kernels;
    this.memory = memory;
    this.parameters = parameters;
    this.arena = arena;
    this.partial = partial;
  }

  /** Bytes of partial sums that planes of this size and so many channels can need. */
  static long partialBytes(int height, int width, int channels) {
    long tiles = Math.max(tiles(height, width), blocks((long) height * width, RESIZE_PIXELS));
    return tiles * 2 * Packing.pitch(channels) * Float.BYTES;
  }

  private static long tiles(int height, int width) {
    return blocks(height, TILE_HEIGHT) * blocks(width, TILE_WIDTH);
  }

  private static long blocks(long size, int block) {
    return (size + block - 1) / block;
  }

  /** The launches, in order; memory is allocated by now. */
  List<Launch> build() {
    return steps.stream().map(Supplier::get).toList();
  }

  void add(Supplier<Launch> step) {
    steps.add(step);
  }

  Structs.Struct struct(String name) {
    return new Structs.Struct(arena, name);
  }

  /** A plane of operands. */
  DeviceBuffer operands(String name, int height, int width, int channels) {
    return memory.device(
        name, (long) height * width * Packing.pitch(channels) * kernels.operandBytes());
  }

  /** The convolution 7x7, stride 2, on the picture, its norm still to be applied. */
  Plane stem(String name, DeviceBuffer picture, long pictureOffset, Plan plan) {
    int outputs = parameters.shape(name + ".weight")[0];
    int height = (plan.height() + 1) / 2;
    int width = (plan.width() + 1) / 2;
    Plane out = normed(name, height, width, outputs);
    // Inputs: 7 rows of 8 pixels of 4 colours; the eighth pixel and the fourth colour are none.
    DeviceBuffer weight =
        parameters.packed(
            name + ".weight",
            groups(outputs),
            7 * 32,
            (output, input) -> {
              int column = input % 32 / 4;
              int colour = input % 4;
              return output < outputs && column < 7 && colour < 3
                  ? parameters.value(
                      name + ".weight", ((output * 3 + colour) * 7 + input / 32) * 7 + column)
                  : 0;
            });
    DeviceBuffer bias = parameters.floats(name + ".bias", out.pitch());
    Structs.Struct params = struct("StemParams");
    Supplier<Runnable> taps = taps(plan, params);
    steps.add(
        () -> {
          taps.get().run();
          params
              .set("picture", picture.address() + pictureOffset)
              .set("weights", weight)
              .set("bias", bias)
              .set("out", out.values())
              .set("partial", partial)
              .set("source_width", plan.sourceWidth())
              .set("height", plan.height())
              .set("width", plan.width())
              .set("out_height", height)
              .set("out_width", width)
              .set("out_channels", out.pitch())
              .set("tiles_x", blocks(width, TILE_WIDTH));
          return tiled("stem", params, height, width, out.pitch(), 0).channels(3, outputs);
        });
    statistics(out, tiles(height, width));
    return out;
  }

  /** Declares the tables of a resized picture; what is returned fills and names them. */
  private Supplier<Runnable> taps(Plan plan, Structs.Struct params) {
    if (plan.sourceHeight() == plan.height() && plan.sourceWidth() == plan.width()) {
      return () -> () -> {};
    }
    Taps rows = Taps.of(plan.sourceHeight(), plan.height());
    Taps columns = Taps.of(plan.sourceWidth(), plan.width());
    DeviceBuffer rowTaps = memory.device("row taps", 8L * plan.height());
    DeviceBuffer rowWeights = memory.device("row weights", 4L * plan.height() * rows.most());
    DeviceBuffer columnTaps = memory.device("column taps", 8L * plan.width());
    DeviceBuffer columnWeights =
        memory.device("column weights", 4L * plan.width() * columns.most());
    return () ->
        () -> {
          rows.uploadRanges(rowTaps);
          rows.uploadWeights(rowWeights);
          columns.uploadRanges(columnTaps);
          columns.uploadWeights(columnWeights);
          params
              .set("row_taps", rowTaps)
              .set("row_weights", rowWeights)
              .set("column_taps", columnTaps)
              .set("column_weights", columnWeights)
              .set("row_taps_pitch", rows.most())
              .set("column_taps_pitch", columns.most());
        };
  }

  /**
   * A convolution of a plane, padded by kernel / 2.
   *
   * @param joined gets the plane as it was read, norm and shortcut applied; null: not kept
   * @param channel which of the weight's inputs a stored channel is, -1 for none
   * @param normed whether a norm follows, to be applied by whoever reads the result
   */
  Plane convolution(
      String name,
      Plane in,
      DeviceBuffer joined,
      IntUnaryOperator channel,
      int stride,
      boolean normed) {
    int[] shape = parameters.shape(name + ".weight");
    int kernel = shape[2];
    int height = (in.height() + stride - 1) / stride;
    int width = (in.width() + stride - 1) / stride;
    Plane out =
        normed
            ? normed(name, height, width, shape[0])
            : new Plane(
                height, width, shape[0], operands(name, height, width, shape[0]), null, null);
    int taps = kernel * kernel;
    DeviceBuffer weight =
        parameters.packed(
            name + ".weight",
            groups(shape[0]),
            in.pitch() * taps,
            (output, input) -> {
              int c = channel.applyAsInt(input / (16 * taps) * 16 + input % 16);
              return output < shape[0] && c >= 0 && c < shape[1]
                  ? parameters.value(
                      name + ".weight", (output * shape[1] + c) * taps + input / 16 % taps)
                  : 0;
            });
    DeviceBuffer bias = parameters.floats(name + ".bias", out.pitch());
    steps.add(
        () -> {
          Structs.Struct params = struct("ConvParams");
          in.write(params.member("in"));
          params
              .set("joined", joined)
              .set("weights", weight)
              .set("bias", bias)
              .set("out", out.values())
              .set("partial", normed ? partial : null)
              .set("out_height", height)
              .set("out_width", width)
              .set("out_channels", out.pitch())
              .set("kernel", kernel)
              .set("stride", stride)
              .set("tiles_x", blocks(width, TILE_WIDTH));
          int halo = ((TILE_HEIGHT - 1) * stride + kernel) * ((TILE_WIDTH - 1) * stride + kernel);
          int shared = halo * (16 + kernels.pad()) * kernels.operandBytes();
          return tiled("conv", params, height, width, out.pitch(), shared)
              .channels(shape[1], shape[0]);
        });
    if (normed) {
      statistics(out, tiles(height, width));
    }
    return out;
  }

  private static int groups(int outputs) {
    return (outputs + 31) / 32 * 2;
  }

  private Plane normed(String name, int height, int width, int channels) {
    DeviceBuffer norm = memory.device(name + " norm", 8L * Packing.pitch(channels));
    return new Plane(height, width, channels, operands(name, height, width, channels), norm, null);
  }

  private Launch tiled(
      String operation, Structs.Struct params, int height, int width, int pitch, int shared) {
    int columns = pitch > 32 ? 64 : 32;
    return new Launch(
        kernels,
        operation,
        kernels.typed(operation, operation + columns),
        params,
        tiles(height, width),
        (int) blocks(pitch, columns),
        4 * columns,
        shared);
  }

  /** Scale and shift of a plane from its partial sums. */
  private void statistics(Plane plane, long tiles) {
    steps.add(
        () ->
            new Launch(
                kernels,
                "statistics",
                kernels.plain("statistics", "statistics"),
                struct("StatisticsParams")
                    .set("partial", partial)
                    .set("norm", plane.norm())
                    .set("tiles", tiles)
                    .set("channels", plane.pitch())
                    .set("pixels", plane.height() * plane.width()),
                plane.pitch() / 16,
                1,
                256,
                0));
  }

  /** Four planes resized corners on corners and joined along their stored channels. */
  Plane concatenated(List<Plane> planes, int height, int width) {
    int channels = planes.stream().mapToInt(Plane::pitch).sum();
    Plane out =
        new Plane(height, width, channels, operands("concat", height, width, channels), null, null);
    resized("resize_concat", planes, out, null);
    return out;
  }

  /** Four planes resized as areas and summed, a norm to follow. */
  Plane summed(List<Plane> planes, int height, int width) {
    Plane out = normed("sum", height, width, planes.getFirst().channels());
    resized("resize_sum", planes, out, partial);
    statistics(out, blocks((long) height * width, RESIZE_PIXELS));
    return out;
  }

  private void resized(String variant, List<Plane> planes, Plane out, DeviceBuffer sums) {
    steps.add(
        () -> {
          Structs.Struct params = struct("ResizeParams");
          for (int i = 0; i < planes.size(); i++) {
            planes.get(i).write(params.member("in[" + i + "]"));
          }
          params
              .set("out", out.values())
              .set("partial", sums)
              .set("height", out.height())
              .set("width", out.width())
              .set("channels", out.pitch());
          return new Launch(
              kernels,
              variant,
              kernels.typed("resize", variant),
              params,
              blocks((long) out.height() * out.width(), RESIZE_PIXELS),
              out.pitch() / 16,
              256,
              0);
        });
  }
}
