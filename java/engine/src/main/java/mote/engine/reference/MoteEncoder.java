package mote.engine.reference;

/**
 * The encoder of our own model: a stem, four stages, each brought to C channels and to the second
 * stage's size, summed, mixed by a convolution, and scaled to unit length at every pixel.
 */
final class MoteEncoder {
  private static final double SHORTEST = 1e-12;

  private final Convolution stem;
  private final ResidualBlock[][] stages = new ResidualBlock[4][];
  private final Convolution[] toFeatures = new Convolution[4];
  private final Convolution out;

  MoteEncoder(Parameters parameters) {
    stem = parameters.convolution("enc.c1", 2);
    stages[0] = new ResidualBlock[] {block(parameters, "enc.l1", 1)};
    for (int stage = 1; stage < 4; stage++) {
      String name = "enc.l" + (stage + 1);
      stages[stage] =
          new ResidualBlock[] {
            block(parameters, name + ".0", 2), block(parameters, name + ".1", 1)
          };
    }
    for (int stage = 0; stage < 4; stage++) {
      toFeatures[stage] = parameters.convolution("enc.p" + (stage + 1), stage == 0 ? 2 : 1);
    }
    out = parameters.convolution("enc.o", 1);
  }

  private static ResidualBlock block(Parameters parameters, String name, int stride) {
    return new ResidualBlock(
        parameters.convolution(name + ".c1", stride),
        parameters.convolution(name + ".c2", 1),
        stride == 1 ? null : parameters.convolution(name + ".d.0", stride));
  }

  /** A picture (3, H, W) in [-1, 1] to its features (C, ceil(H / 4), ceil(W / 4)), unit length. */
  Planes apply(Planes picture) {
    Planes x = InstanceNorm.apply(stem.apply(picture)).relu();
    Planes sum = null;
    for (int stage = 0; stage < 4; stage++) {
      for (ResidualBlock block : stages[stage]) {
        x = block.apply(x);
      }
      Planes features = toFeatures[stage].apply(x);
      sum = sum == null ? features : sum.plus(resized(features, sum));
    }
    return unitLength(out.apply(InstanceNorm.apply(sum).relu()));
  }

  private static Planes resized(Planes planes, Planes like) {
    boolean same = planes.height() == like.height() && planes.width() == like.width();
    return same ? planes : Resize.halfPixel(planes, like.height(), like.width());
  }

  private static Planes unitLength(Planes planes) {
    int size = planes.height() * planes.width();
    for (int pixel = 0; pixel < size; pixel++) {
      double squares = 0;
      for (int c = 0; c < planes.channels(); c++) {
        double value = planes.values()[c * size + pixel];
        squares += value * value;
      }
      double length = Math.max(Math.sqrt(squares), SHORTEST);
      for (int c = 0; c < planes.channels(); c++) {
        planes.values()[c * size + pixel] /= length;
      }
    }
    return planes;
  }
}
