package mote.cuda;

import java.lang.foreign.Arena;
import java.util.List;

/** The MLP-Mixer with its head in one of its forms; parameters are declared at construction. */
interface Mixer extends AutoCloseable {
  /** Makes it ready, once memory is allocated; the steps are for this stream. */
  void open(Stream stream);

  /**
   * From {@code buffers.input()} to {@code buffers.delta()}, for at most so many points.
   *
   * @param arena holds the steps' parameters
   * @param active null: all points are
   */
  List<Step> steps(Arena arena, PointBuffers buffers, DeviceBuffer active, int points);

  @Override
  void close();
}
