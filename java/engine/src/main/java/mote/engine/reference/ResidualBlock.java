package mote.engine.reference;

/**
 * relu(x' + relu(norm(conv2(relu(norm(conv1(x))))))) with x' = x, or norm(downsample(x)) where size
 * or channels change.
 *
 * @param downsample 1x1 convolution, or null
 */
record ResidualBlock(Convolution conv1, Convolution conv2, Convolution downsample) {
  Planes apply(Planes x) {
    Planes y = InstanceNorm.apply(conv1.apply(x)).relu();
    y = InstanceNorm.apply(conv2.apply(y)).relu();
    Planes shortcut = downsample == null ? x : InstanceNorm.apply(downsample.apply(x));
    return y.plus(shortcut).relu();
  }
}
