package mote.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a weight file is: family, widths, depths and constants of a model, read from the metadata
 * key {@code mote.arch} (schema: weights/mote.arch.schema.json). Everything that differs between
 * models is here, as data.
 *
 * @param family which of the two forms of the model
 * @param name of this model, for people
 * @param window frames refined together, S
 * @param stride pixels per feature pixel by default; {@code mote} runs at 4 only
 * @param features channels of the feature map, C
 * @param channels of the four encoder stages; the stem has those of the first
 * @param neck {@code pips}: channels between conv2 and conv3; {@code mote}: 0
 * @param levels of the pyramid
 * @param radius of the correlated neighbourhood: (2 radius + 1)^2 positions
 * @param support {@code mote}: radius of the template's patch; {@code pips}: 0
 * @param correlationWidth {@code mote}: outputs of each level's linear layer; {@code pips}: 0
 * @param correlationScale factor of the dot products; {@code pips}: 1 / sqrt(C)
 * @param frequencies of the embedding of the flow
 * @param width of the mixer, D
 * @param depth blocks of the mixer
 * @param tokenExpansion hidden frames per frame in token mixing
 * @param channelExpansion hidden channels per channel in the channel MLP
 * @param confidencePx confidence is the probability of an error under this many working pixels; NaN
 *     where the model has none
 * @param iterations by default
 * @param hop frames between window starts by default; 0 where visibility decides ({@code pips})
 * @param fine {@code mote}: the tracker that begins where this one ends; null where there is none
 */
public record Architecture(
    Family family,
    String name,
    int window,
    int stride,
    int features,
    List<Integer> channels,
    int neck,
    int levels,
    int radius,
    int support,
    int correlationWidth,
    double correlationScale,
    int frequencies,
    int width,
    int depth,
    int tokenExpansion,
    int channelExpansion,
    double confidencePx,
    int iterations,
    int hop,
    Fine fine) {
  /** What the names of the fine tracker's parameters begin with. */
  static final String FINE = "fine.";

  /**
   * A second tracker of the same sizes, which sees the picture enlarged and has hardly a way to go
   * ({@link CoarseToFine}).
   *
   * @param scale of the working picture that it sees
   * @param iterations that it takes in each window, whatever the coarse one takes
   */
  public record Fine(int scale, int iterations) {
    public Fine {
      if (scale < 2 || scale > 4 || iterations < 1 || iterations > 16) {
        throw new MoteException(
            "fine tracker is out of range: scale=%d, iterations=%d; give 2 to 4 and 1 to 16"
                .formatted(scale, iterations));
      }
    }
  }

  /** The two forms of the model that the engine runs. */
  public enum Family {
    /** The published architecture (Particle Video Revisited, ECCV 2022), faithful to the float. */
    PIPS,
    /** Ours: unit-length features, patch templates that are never updated, overlapping windows. */
    MOTE;

    public String id() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public Architecture {
    channels = List.copyOf(channels);
  }

  /** The published checkpoint's architecture: 28.7 M parameters. */
  public static Architecture pips() {
    List<Integer> channels = List.of(64, 96, 128, 128);
    return new Architecture(
        Family.PIPS,
        "pips",
        8,
        4,
        128,
        channels,
        256,
        4,
        3,
        0,
        0,
        1 / Math.sqrt(128),
        32,
        512,
        12,
        4,
        4,
        Double.NaN,
        6,
        0,
        null);
  }

  /** The first form of our own: 0.87 M parameters. */
  public static Architecture moteS() {
    List<Integer> channels = List.of(24, 32, 48, 64);
    return new Architecture(
        Family.MOTE,
        "mote-s",
        8,
        4,
        64,
        channels,
        0,
        4,
        3,
        1,
        48,
        4,
        6,
        128,
        3,
        4,
        4,
        12,
        3,
        4,
        null);
  }

  /**
   * Reads the value of {@code mote.arch}.
   *
   * @throws MoteException naming the field where weights/mote.arch.schema.json refuses it
   */
  public static Architecture fromJson(String json) {
    return ArchitectureJson.parse(json);
  }

  /** The value of {@code mote.arch} that {@link #fromJson} reads back as this. */
  public String toJson() {
    return ArchitectureJson.write(this);
  }

  /** The architecture of each of the two trackers, or this where there is but one. */
  Architecture single() {
    return fine == null ? this : with(null);
  }

  /** The same with another fine tracker, or with none where {@code fine} is null. */
  public Architecture with(Fine fine) {
    return new Architecture(
        family,
        name,
        window,
        stride,
        features,
        channels,
        neck,
        levels,
        radius,
        support,
        correlationWidth,
        correlationScale,
        frequencies,
        width,
        depth,
        tokenExpansion,
        channelExpansion,
        confidencePx,
        iterations,
        hop,
        fine);
  }

  public boolean hasConfidence() {
    return !Double.isNaN(confidencePx);
  }

  /** Positions of a correlated neighbourhood, 49 for radius 3. */
  public int positions() {
    return (2 * radius + 1) * (2 * radius + 1);
  }

  /** Feature pixels of a template at one level: 9 for support 1, 1 for {@code pips}. */
  public int patch() {
    return (2 * support + 1) * (2 * support + 1);
  }

  /** Correlation values of a point in one frame: levels * patch * positions. */
  public int correlations() {
    return levels * patch() * positions();
  }

  /**
   * Values of a template: {@code pips} C, {@code mote} levels * patch * C, and as many again where
   * there is a fine tracker.
   */
  public int templateSize() {
    int single = family == Family.PIPS ? features : levels * patch() * features;
    return fine == null ? single : 2 * single;
  }

  /** Values of a point's state in one frame between iterations: {@code pips} C, {@code mote} 2. */
  public int stateSize() {
    return family == Family.PIPS ? features : 2;
  }

  /** Inputs of the mixer for a point in one frame: 519 for the published model, 284 for mote-s. */
  public int mixerInputs() {
    return family == Family.PIPS
        ? features + correlations() + 3 * 2 * frequencies + 3
        : levels * correlationWidth + 2 + 4 * frequencies + 2 + features;
  }

  /** Outputs of mixer and head for a point: {@code pips} S * (2 + C), {@code mote} S * 4. */
  public int mixerOutputs() {
    return window * (family == Family.PIPS ? 2 + features : 4);
  }

  /** Rows of the feature map of a picture with that many rows (or columns), at a pyramid level. */
  public int levelHeight(int height, int stride, int level) {
    int size = family == Family.PIPS ? height / stride : (height + 3) / 4;
    for (int l = 0; l < level; l++) {
      size = family == Family.PIPS ? size / 2 : (size + 1) / 2;
    }
    return size;
  }

  /** Columns, as {@link #levelHeight}. */
  public int levelWidth(int width, int stride, int level) {
    return levelHeight(width, stride, level);
  }

  /**
   * Names and shapes of all parameters, in the order of the published checkpoint or of
   * weights/training. The fine tracker's come last, under the same names with {@code fine.} before.
   */
  public Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    if (family == Family.PIPS) {
      pipsEncoder(shapes);
      pipsMixer(shapes);
    } else {
      moteEncoder(shapes);
      moteMixer(shapes);
    }
    if (fine != null) {
      single().shapes().forEach((name, shape) -> shapes.put(FINE + name, shape));
    }
    return shapes;
  }

  /** Parameters in all. */
  public long parameters() {
    return shapes().values().stream()
        .mapToLong(shape -> java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b))
        .sum();
  }

  private static void conv(Map<String, long[]> shapes, String name, int out, int in, int kernel) {
    shapes.put(name + ".weight", new long[] {out, in, kernel, kernel});
    shapes.put(name + ".bias", new long[] {out});
  }

  private static void linear(Map<String, long[]> shapes, String name, long out, long in) {
    shapes.put(name + ".weight", new long[] {out, in});
    shapes.put(name + ".bias", new long[] {out});
  }

  private static void norm(Map<String, long[]> shapes, String name, int size) {
    shapes.put(name + ".weight", new long[] {size});
    shapes.put(name + ".bias", new long[] {size});
  }

  private void pipsEncoder(Map<String, long[]> shapes) {
    conv(shapes, "fnet.conv1", channels.get(0), 3, 7);
    int in = channels.get(0);
    for (int stage = 0; stage < 4; stage++) {
      int out = channels.get(stage);
      for (int block = 0; block < 2; block++) {
        String name = "fnet.layer" + (stage + 1) + "." + block;
        conv(shapes, name + ".conv1", out, in, 3);
        conv(shapes, name + ".conv2", out, out, 3);
        if (block == 0 && stage > 0) {
          conv(shapes, name + ".downsample.0", out, in, 1);
        }
        in = out;
      }
    }
    int joined = channels.stream().mapToInt(Integer::intValue).sum();
    conv(shapes, "fnet.conv2", neck, joined, 3);
    conv(shapes, "fnet.conv3", features, neck, 1);
  }

  private void pipsMixer(Map<String, long[]> shapes) {
    String mixer = "delta_block.to_delta.";
    linear(shapes, mixer + 0, width, mixerInputs());
    int hiddenFrames = window * tokenExpansion;
    int hidden = width * channelExpansion;
    for (int block = 1; block <= depth; block++) {
      String token = mixer + block + ".0";
      shapes.put(token + ".fn.0.weight", new long[] {hiddenFrames, window, 1});
      shapes.put(token + ".fn.0.bias", new long[] {hiddenFrames});
      shapes.put(token + ".fn.3.weight", new long[] {window, hiddenFrames, 1});
      shapes.put(token + ".fn.3.bias", new long[] {window});
      norm(shapes, token + ".norm", width);
      String channel = mixer + block + ".1";
      linear(shapes, channel + ".fn.0", hidden, width);
      linear(shapes, channel + ".fn.3", width, hidden);
      norm(shapes, channel + ".norm", width);
    }
    norm(shapes, mixer + (depth + 1), width);
    linear(shapes, mixer + (depth + 3), mixerOutputs(), width);
    norm(shapes, "norm", features);
    linear(shapes, "ffeat_updater.0", features, features);
    linear(shapes, "vis_predictor.0", 1, features);
  }

  private void moteEncoder(Map<String, long[]> shapes) {
    conv(shapes, "enc.c1", channels.get(0), 3, 7);
    conv(shapes, "enc.l1.c1", channels.get(0), channels.get(0), 3);
    conv(shapes, "enc.l1.c2", channels.get(0), channels.get(0), 3);
    for (int stage = 1; stage < 4; stage++) {
      int in = channels.get(stage - 1);
      int out = channels.get(stage);
      String name = "enc.l" + (stage + 1);
      conv(shapes, name + ".0.c1", out, in, 3);
      conv(shapes, name + ".0.c2", out, out, 3);
      conv(shapes, name + ".0.d.0", out, in, 1);
      conv(shapes, name + ".1.c1", out, out, 3);
      conv(shapes, name + ".1.c2", out, out, 3);
    }
    conv(shapes, "enc.p1", features, channels.get(0), 3);
    conv(shapes, "enc.p2", features, channels.get(1), 3);
    conv(shapes, "enc.p3", features, channels.get(2), 1);
    conv(shapes, "enc.p4", features, channels.get(3), 1);
    conv(shapes, "enc.o", features, features, 3);
  }

  private void moteMixer(Map<String, long[]> shapes) {
    for (int level = 0; level < levels; level++) {
      linear(shapes, "cl." + level, correlationWidth, patch() * positions());
    }
    linear(shapes, "inp", width, mixerInputs());
    shapes.put("temb", new long[] {window, width});
    for (int block = 0; block < depth; block++) {
      String name = "mix." + block;
      norm(shapes, name + ".n1", width);
      norm(shapes, name + ".n2", width);
      linear(shapes, name + ".t1", (long) window * tokenExpansion, window);
      linear(shapes, name + ".t2", window, (long) window * tokenExpansion);
      linear(shapes, name + ".f1", (long) width * channelExpansion, width);
      linear(shapes, name + ".f2", width, (long) width * channelExpansion);
    }
    norm(shapes, "nrm", width);
    linear(shapes, "head", 4, width);
  }
}
