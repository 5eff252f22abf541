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
      description =
          "safetensors file with mote.arch metadata; default: the shipped "
              + SHIPPED
              + "; weights/mote-m.safetensors is more exact and takes about four times as long")
  private Path weights;

  /** Whether the option was given. */
  public boolean given() {
    return weights != null;
  }

  /** The file that was given, or the shipped one. */
  public Path path() {
    Path file = weights == null ? Home.file(SHIPPED) : weights;
    if (weights == null && !Files.exists(file)) {
      throw new MoteException(
          "the shipped weights are missing: file=" + file + "; restore it or give --weights");
    }
    return file;
  }

  /** Maps the weights; the caller closes them. */
  public Weights open() {
    return WeightsFile.open(path());
  }
}
