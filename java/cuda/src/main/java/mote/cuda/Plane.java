package mote.cuda;

/**
 * A feature plane between two layers, as kernels/source.cuh reads it.
 *
 * @param height rows
 * @param width columns
 * @param channels as the model has them
 * @param values what a convolution left, (height, width, pitch) operands
 * @param norm scale and shift of each channel, applied with ReLU on load; null: a plain plane
 * @param shortcut joined on load; null: none
 */
record Plane(
    int height, int width, int channels, DeviceBuffer values, DeviceBuffer norm, Plane shortcut) {
  int pitch() {
    return Packing.pitch(channels);
  }

  /** This plane with a shortcut. */
  Plane joined(Plane other) {
    return new Plane(height, width, channels, values, norm, other);
  }

  /** Fills in a Source of params.h. */
  void write(Structs.Struct source) {
    source
        .set("values", values)
        .set("norm", norm)
        .set("shortcut", shortcut == null ? null : shortcut.values)
        .set("shortcut_norm", shortcut == null ? null : shortcut.norm)
        .set("height", height)
        .set("width", width)
        .set("channels", pitch());
  }
}
