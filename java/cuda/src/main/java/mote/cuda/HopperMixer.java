package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Precision;

/** The fused mixer for compute capability 9.0 (kernels/mixer_hopper.cu). */
final class HopperMixer implements Mixer {
  private static final int THREADS = 384;
  private static final int CLUSTER_BLOCKS = 8;
  private static final int CLUSTER_POINTS = 16;
  private static final int GROUP_ROWS = 64;
  private static final int OWN_ROWS = GROUP_ROWS / HopperPacking.SLICES;
  private static final int ALIGNMENT = 1024;

  private final Kernels kernels;
  private final SymbolLookup driver;
  private final MixerWeights weights;
  private final HopperPacking packing;
  private final int sliceRows;
  private final DeviceBuffer stream;

  /**
   * @param driver the CUDA driver's library
   */
  HopperMixer(
      Architecture architecture,
      Kernels kernels,
      Memory memory,
      Parameters parameters,
      SymbolLookup driver) {
    this.kernels = kernels;
    this.driver = driver;
    check(architecture, kernels);
    weights = MixerWeights.withoutProducts(architecture, kernels, memory, parameters);
    packing = new HopperPacking(architecture);
    sliceRows = packing.stages(0).size() * packing.stageRows;
    stream = parameters.stream("mixer weights", packing);
  }

  private static void check(Architecture architecture, Kernels kernels) {
    String refusal = Form.HOPPER.refusal(kernels.capability());
    if (refusal != null) {
      throw new MoteException(refusal);
    }
    if (kernels.precision() != Precision.FP16) {
      throw new MoteException(
          "Hopper kernels multiply binary16 alone: precision=%s; use fp16, or %s=portable"
              .formatted(kernels.precision().id(), Form.PROPERTY));
    }
    if (architecture.width() > HopperPacking.MOST_WIDTH) {
      throw new MoteException(
          "mixer is too wide for the Hopper kernels: width=%d, most=%d; give %s=portable"
              .formatted(architecture.width(), HopperPacking.MOST_WIDTH, Form.PROPERTY));
    }
  }

  @Override
  public void open(Stream stream) {
    weights.open(stream);
  }

  @Override
  public List<Step> steps(Arena arena, PointBuffers buffers, DeviceBuffer active, int points) {
    Structs.Struct params =
        new Structs.Struct(arena, "HopperMixerParams")
            .set("slice_rows", sliceRows)
            .set("input_tiles", packing.inputTiles)
            .set("width_tiles", packing.widthTiles)
            .set("chunks", packing.chunks)
            .set("head_chunks", packing.headChunks);
    weights.describe(params.member("mixer"), buffers, active);
    TensorMaps.encode(
        driver,
        params.member("weights").segment(),
        stream,
        (long) HopperPacking.SLICES * sliceRows,
        packing.boxRows);
    int clusters = (points + CLUSTER_POINTS - 1) / CLUSTER_POINTS;
    Launch launch =
        new Launch(
            kernels,
            "mixer",
            kernels.typed("mixer_hopper", "mixer_hopper" + packing.boxRows),
            params,
            (long) clusters * CLUSTER_BLOCKS,
            1,
            THREADS,
            sharedBytes(packing.boxRows));
    return List.of(launch);
  }

  /** As HopperTile in kernels/mixer_hopper.cuh lays it out. */
  private static int sharedBytes(int boxRows) {
    boolean wide = boxRows == 128;
    int width = wide ? 512 : 128;
    int stages = wide ? 3 : 4;
    int weights = stages * 2 * boxRows * HopperPacking.TILE * 2;
    int y = GROUP_ROWS * width * 2;
    int h = 2 * GROUP_ROWS * 128 * 2;
    int own = OWN_ROWS * (width + 4 + 2) * 4;
    int barriers = 8 * (2 * stages + 1);
    return ALIGNMENT + weights + y + h + own + barriers;
  }

  /** Its memory is the backend's. */
  @Override
  public void close() {}
}
