package mote.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import mote.engine.MoteException;
import mote.engine.Safetensors;
import mote.engine.Weights;
import mote.engine.golden.GoldenPack;

/** A temporary folder with what the cases share; deleted at the end. */
final class BenchFolder implements AutoCloseable {
  private final Path pack;
  private final Path folder;
  private Path pipsWeights;
  private boolean closed;

  /**
   * @param pack a golden pack of the published family
   */
  BenchFolder(Path pack) {
    this.pack = pack;
    try {
      folder = Files.createTempDirectory("mote-bench");
    } catch (IOException e) {
      throw new MoteException(
          "temporary folder cannot be made: cause=" + e + "; check the disk", e);
    }
  }

  Path pack() {
    return pack;
  }

  Path folder() {
    return folder;
  }

  /** The pack's weights as a file: written once, 115 MB. */
  Path pipsWeights() {
    if (pipsWeights == null) {
      Path file = folder.resolve("pips.safetensors");
      try (GoldenPack golden = GoldenPack.open(pack);
          Weights weights = golden.weights()) {
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        weights
            .architecture()
            .shapes()
            .forEach(
                (name, shape) ->
                    tensors.add(
                        new Safetensors.Tensor(
                            name, Safetensors.Type.F32, shape, weights.tensor(name))));
        Safetensors.write(file, weights.metadata(), tensors);
      }
      pipsWeights = file;
    }
    return pipsWeights;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new MoteException(
          "temporary folder cannot be deleted: folder=" + folder + "; delete it", e);
    }
  }
}
