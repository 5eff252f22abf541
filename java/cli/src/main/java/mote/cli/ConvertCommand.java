package mote.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import mote.engine.convert.CheckpointConverter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote convert}: the published checkpoint to a weight file. */
@Command(
    name = "convert",
    description = {
      "Converts the published PIPs checkpoint to weights that mote runs.",
      "Nothing in the file is executed; the optimizer's state is left out; names and shapes are",
      "checked."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote convert reference_model/model-000200000.pth pips.safetensors",
      "  mote info pips.safetensors",
      "  mote track walk.mp4 --grid 8 --weights pips.safetensors --out walk.csv"
    })
final class ConvertCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "IN.pth", description = "a torch zip file")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT.safetensors", description = "the weights to write")
  private Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    CheckpointConverter.Conversion done = CheckpointConverter.convert(in, out);
    spec.commandLine()
        .getErr()
        .printf(
            "mote: wrote %s: %,d parameters in %d tensors, from sha256:%s%n",
            out, done.parameters(), done.tensors(), done.sourceSha256());
    if (!done.skipped().isEmpty()) {
      spec.commandLine().getErr().println("mote: left out, not needed: " + done.skipped());
    }
    return 0;
  }
}
