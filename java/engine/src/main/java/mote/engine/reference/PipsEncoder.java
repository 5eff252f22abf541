package mote.engine.reference;

/**
 * The encoder of the published model: a stem, four stages of two residual blocks, all stages
 * resized to 1 / stride, joined, and mixed by two convolutions.
 */
final class PipsEncoder {
  private final Convolution conv1;
  private final ResidualBlock[][] stages = new ResidualBlock[4][2];
  private final Convolution conv2;
  private final Convolution conv3;

  PipsEncoder(Parameters parameters) {
    conv1 = parameters.convolution("fnet.conv1", 2);
    for (int stage = 0; stage < 4; stage++) {
      for (int block = 0; block < 2; block++) {
        String name = "fnet.layer" + (stage + 1) + "." + block;
        boolean reduces = stage > 0 && block == 0;
        stages[stage][block] =
            new ResidualBlock(
                parameters.convolution(name + ".conv1", reduces ? 2 : 1),
                parameters.convolution(name + ".conv2", 1),
                reduces ? parameters.convolution(name + ".downsample.0", 2) : null);
      }
    }
    conv2 = parameters.convolution("fnet.conv2", 1);
    conv3 = parameters.convolution("fnet.conv3", 1);
  }

  /** A picture (3, H, W) in [-1, 1] to its features (C, H / stride, W / stride). */
  Planes apply(Planes picture, int stride) {
    int height = picture.height() / stride;
    int width = picture.width() / stride;
    Planes x = InstanceNorm.apply(conv1.apply(picture)).relu();
    Planes[] resized = new Planes[4];
    for (int stage = 0; stage < 4; stage++) {
      for (ResidualBlock block : stages[stage]) {
        x = block.apply(x);
      }
      resized[stage] = Resize.alignedCorners(x, height, width);
    }
    x = InstanceNorm.apply(conv2.apply(Planes.joined(resized))).relu();
    return conv3.apply(x);
  }
}
