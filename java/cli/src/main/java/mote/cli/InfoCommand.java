package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import mote.engine.Untrusted;
import mote.engine.WeightsInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote info}: what a weight file is. */
@Command(
    name = "info",
    description = "Prints architecture, parameters, size, licence and checksum of weights.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote info weights/mote-s.safetensors",
      "  mote info --json pips.safetensors     one object (java/cli/JSON.md)"
    })
final class InfoCommand implements Callable<Integer> {
  @Parameters(paramLabel = "WEIGHTS", description = "safetensors file with mote.arch metadata")
  private Path weights;

  @Option(names = "--json", description = "print an object")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    WeightsInfo info = WeightsInfo.of(weights);
    if (json) {
      out.println(info.toJson());
      return 0;
    }
    line(out, "file", info.path());
    line(out, "model", info.architecture().name());
    line(out, "family", info.architecture().family().id());
    line(out, "parameters", "%,d".formatted(info.parameters()));
    line(out, "bytes", "%,d".formatted(info.bytes()));
    line(out, "licence", known(info.license()));
    line(out, "training", known(info.training()));
    line(out, "source", known(info.source()));
    line(out, "sha256", info.sha256());
    line(out, "mote.arch", info.architecture().toJson());
    return 0;
  }

  private static String known(String text) {
    return text == null ? "not said" : Untrusted.visible(text);
  }

  private static void line(PrintWriter out, String name, Object value) {
    out.printf("%-11s %s%n", name, value);
  }
}
