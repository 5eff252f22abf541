package mote.cuda;

import java.util.ArrayList;
import java.util.List;
import mote.engine.Architecture;

/**
 * The order in which the Hopper form's clusters read the mixer's weights (HopperMixerParams in
 * kernels/params.h): for each slice of the hidden layer a list of stages, rows of 64 inputs.
 */
final class HopperPacking {
  /** Inputs of a row. */
  static final int TILE = 64;

  /** Slices of the hidden layer. */
  static final int SLICES = 4;

  /** Widest mixer, and the widest one for which the narrow instance is enough. */
  static final int MOST_WIDTH = 512;

  private static final int NARROW_WIDTH = 128;

  /** Hidden columns or outputs of the head that are computed at once. */
  private static final int CHUNK = 128;

  /**
   * A stage of weights: rows of 64 inputs.
   *
   * @param weight the parameter
   * @param output of the first row
   * @param input of the first column
   * @param outputs rows before the inputs go on by 64, with the first output again
   */
  record Stage(String weight, int output, int input, int outputs) {
    int outputOf(int row) {
      return output + row % outputs;
    }

    int inputOf(int row) {
      return input + row / outputs * TILE;
    }
  }

  /** N: outputs that a warpgroup computes at once, and rows of a box. */
  final int boxRows;

  final int stageRows;
  final int inputTiles;
  final int widthTiles;
  final int chunks;
  final int headChunks;
  private final MixerNames names;
  private final int depth;
  private final int parts;

  HopperPacking(Architecture architecture) {
    names = new MixerNames(architecture);
    depth = architecture.depth();
    boxRows = architecture.width() <= NARROW_WIDTH ? 64 : 128;
    stageRows = 2 * boxRows;
    parts = boxRows / 64;
    inputTiles = ceil(ceil(architecture.mixerInputs(), TILE), SLICES);
    widthTiles = ceil(architecture.width(), TILE * parts) * parts;
    chunks = ceil(architecture.width() * architecture.channelExpansion(), SLICES * CHUNK);
    headChunks = ceil(names.outputs(), SLICES * CHUNK);
  }

  private static int ceil(int size, int unit) {
    return (size + unit - 1) / unit;
  }

  /** The stages of a slice, in the order in which they are read. */
  List<Stage> stages(int slice) {
    List<Stage> stages = new ArrayList<>();
    contract(stages, names.input(), slice * inputTiles, inputTiles);
    int tiles = CHUNK / TILE;
    for (int block = 0; block < depth; block++) {
      for (int chunk = slice * chunks; chunk < (slice + 1) * chunks; chunk++) {
        expand(stages, names.channel1(block), chunk);
        contract(stages, names.channel2(block), chunk * tiles, tiles);
      }
    }
    for (int chunk = slice * headChunks; chunk < (slice + 1) * headChunks; chunk++) {
      expand(stages, names.head(), chunk);
    }
    return stages;
  }

  /** All outputs of some tiles of inputs. */
  private void contract(List<Stage> stages, String name, int firstTile, int tiles) {
    for (int tile = firstTile; tile < firstTile + tiles; tile++) {
      for (int part = 0; part < parts; part++) {
        stages.add(new Stage(name + ".weight", part * stageRows, tile * TILE, stageRows));
      }
    }
  }

  /** A chunk of outputs of all inputs. */
  private void expand(List<Stage> stages, String name, int chunk) {
    for (int tile = 0; tile < widthTiles; tile += parts) {
      stages.add(new Stage(name + ".weight", chunk * CHUNK, tile * TILE, CHUNK));
    }
  }
}
