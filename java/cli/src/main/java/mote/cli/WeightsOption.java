package mote.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import picocli.CommandLine.Option;

/** Which model runs. */
public final class WeightsOption {
  /** The weights of the repository. */
  static final String SHIPPED = "weights/mote-s.safetensors";

  @Option(
      names = "--weights",
      paramLabel = "W",
      description = "safetensors file with mote.arch metadata; default: the shipped " + SHIPPED)
  private Path weights;

  /** Whether the option was given. */
  public boolean given() {
    return weights != null;
  }

  /** Maps the weights; the caller closes them. */
  public Weights open() {
    if (weights != null) {
      return WeightsFile.open(weights);
    }
    Path shipped = Home.file(SHIPPED);
    if (!Files.exists(shipped)) {
      throw new MoteException(
          "the shipped weights are missing: file=" + shipped + "; restore it or give --weights");
    }
    return WeightsFile.open(shipped);
  }
}
