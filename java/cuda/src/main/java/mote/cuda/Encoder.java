package mote.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import mote.engine.Architecture;
import mote.engine.Plan;

/**
 * The encoders of both families as launches: a picture in device memory to a slot of the ring. The
 * norm, the ReLU and the shortcut behind a convolution are applied where its result is read; the
 * first reader of a joined plane keeps it for the shortcut.
 */
final class Encoder {
  private final Layers layers;
  private final Architecture architecture;
  private final Plan plan;

  private Encoder(Layers layers, Architecture architecture, Plan plan) {
    this.layers = layers;
    this.architecture = architecture;
    this.plan = plan;
  }

  /**
   * Declares everything; the launches come from {@link Layers#build}.
   *
   * @param call a CallHeader in device memory, the picture behind it
   * @param pictureOffset bytes from the header to the picture
   */
  static void declare(
      Layers layers,
      Kernels kernels,
      Architecture architecture,
      Plan plan,
      Ring ring,
      DeviceBuffer call,
      long pictureOffset) {
    Encoder encoder = new Encoder(layers, architecture, plan);
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    Plane features = pips ? encoder.pips(call, pictureOffset) : encoder.mote(call, pictureOffset);
    encoder.pyramid(kernels, features, ring, call, !pips);
  }

  /** Bytes of partial sums that the largest plane needs. */
  static long partialBytes(Architecture architecture, Plan plan) {
    int channels = Math.max(architecture.neck(), architecture.features());
    for (int stage : architecture.channels()) {
      channels = Math.max(channels, stage);
    }
    return Layers.partialBytes((plan.height() + 1) / 2, (plan.width() + 1) / 2, channels);
  }

  private Plane pips(DeviceBuffer picture, long pictureOffset) {
    Plane x = layers.stem("fnet.conv1", picture, pictureOffset, plan);
    List<Plane> stages = new ArrayList<>();
    for (int stage = 0; stage < 4; stage++) {
      String name = "fnet.layer" + (stage + 1) + ".";
      for (int block = 0; block < 2; block++) {
        boolean reduces = stage > 0 && block == 0;
        Residual residual =
            residual(
                x,
                name + block,
                name + block + ".conv1",
                name + block + ".conv2",
                reduces ? name + block + ".downsample.0" : null);
        if (reduces) {
          stages.add(residual.in);
        }
        x = residual.out;
      }
    }
    stages.add(x);
    int height = plan.height() / plan.stride();
    int width = plan.width() / plan.stride();
    Plane joined = layers.concatenated(stages, height, width);
    Plane neck = layers.convolution("fnet.conv2", joined, null, storedChannels(), 1, true);
    return layers.convolution("fnet.conv3", neck, null, IntUnaryOperator.identity(), 1, false);
  }

  /** From a channel of the joined stages as stored, each rounded up, to that of the model. */
  private IntUnaryOperator storedChannels() {
    List<Integer> channels = architecture.channels();
    int stored = channels.stream().mapToInt(Packing::pitch).sum();
    int[] real = new int[stored];
    int at = 0;
    int channel = 0;
    for (int size : channels) {
      for (int i = 0; i < Packing.pitch(size); i++) {
        real[at++] = i < size ? channel++ : -1;
      }
    }
    return c -> real[c];
  }

  private Plane mote(DeviceBuffer picture, long pictureOffset) {
    Plane x = layers.stem("enc.c1", picture, pictureOffset, plan);
    x = residual(x, "enc.l1", "enc.l1.c1", "enc.l1.c2", null).out;
    List<Plane> features = new ArrayList<>();
    for (int stage = 1; stage < 4; stage++) {
      String name = "enc.l" + (stage + 1);
      Residual first = residual(x, name + ".0", name + ".0.c1", name + ".0.c2", name + ".0.d.0");
      features.add(toFeatures(stage, first.in));
      x = residual(first.out, name + ".1", name + ".1.c1", name + ".1.c2", null).out;
    }
    features.add(toFeatures(4, x));
    Plane like = features.getFirst();
    Plane sum = layers.summed(features, like.height(), like.width());
    return layers.convolution("enc.o", sum, null, IntUnaryOperator.identity(), 1, false);
  }

  /** Stage 1 to 4, brought to the features' channels. */
  private Plane toFeatures(int stage, Plane in) {
    return layers.convolution(
        "enc.p" + stage, in, null, IntUnaryOperator.identity(), stage == 1 ? 2 : 1, false);
  }

  /**
   * @param in the block's input as a plain plane
   * @param out its output, norm, ReLU and shortcut still to be applied
   */
  private record Residual(Plane in, Plane out) {}

  /** relu(x' + relu(norm(conv2(relu(norm(conv1(x))))))), x' = x or norm(downsample(x)). */
  private Residual residual(Plane x, String name, String conv1, String conv2, String downsample) {
    int stride = downsample == null ? 1 : 2;
    DeviceBuffer kept = layers.operands(name + " input", x.height(), x.width(), x.channels());
    Plane plain = new Plane(x.height(), x.width(), x.channels(), kept, null, null);
    IntUnaryOperator same = IntUnaryOperator.identity();
    Plane first = layers.convolution(conv1, x, kept, same, stride, true);
    Plane second = layers.convolution(conv2, first, null, same, 1, true);
    Plane shortcut =
        downsample == null
            ? plain
            : layers.convolution(downsample, plain, null, same, stride, true);
    return new Residual(plain, second.joined(shortcut));
  }

  private void pyramid(
      Kernels kernels, Plane features, Ring ring, DeviceBuffer call, boolean unit) {
    layers.add(
        () ->
            new Launch(
                kernels,
                "normalise",
                kernels.typed("pyramid", "normalise"),
                level(ring, call, 0, 0).set("in", features.values()).set("unit", unit ? 1 : 0),
                ((long) features.height() * features.width() + 7) / 8,
                1,
                256,
                0));
    for (int level = 1; level < architecture.levels(); level++) {
      int to = level;
      long values = (long) ring.height(to) * ring.width(to) * ring.pitch();
      long vectors = values / (16 / kernels.operandBytes());
      layers.add(
          () ->
              new Launch(
                  kernels,
                  "pyramid",
                  kernels.typed("pyramid", "pyramid"),
                  level(ring, call, to - 1, to).set("partial", unit ? 1 : 0),
                  (vectors + 255) / 256,
                  1,
                  256,
                  0));
    }
  }

  private Structs.Struct level(Ring ring, DeviceBuffer call, int from, int to) {
    return layers
        .struct("PyramidParams")
        .set("call", call)
        .set("ring", ring.maps())
        .set("slot_size", ring.slotSize())
        .set("from", ring.levelOffsets()[from])
        .set("to", ring.levelOffsets()[to])
        .set("height", ring.height(from))
        .set("width", ring.width(from))
        .set("channels", ring.pitch());
  }
}
