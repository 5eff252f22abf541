package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import mote.cli.eval.ScoreTable;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Weights;
import mote.engine.golden.Verdict;
import mote.engine.golden.Verifier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote verify}: parity with PyTorch. */
@Command(
    name = "verify",
    description = {
      "Runs golden packs (clips with what PyTorch returned for them) and prints the distance.",
      "Without --weights the packs' own are used: by formula from a seed, or the file they name.",
      "The reference backend takes a minute or more for window-360x640."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote verify tests/golden/*.safetensors",
      "  mote verify --backend reference --precision f32 tests/golden/chain.safetensors",
      "",
      "A pack of kind chain is skipped, and says so, at a precision below f32: no tolerance holds.",
      "Exit code 0 if every pack that was checked is met; 1 if one is missed by more than the",
      "tolerance or cannot be read, or if all were skipped."
    })
final class VerifyCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PACK", arity = "1..*", description = "safetensors files")
  private List<Path> packs;

  @Option(names = "--json", description = "print a list of objects (java/cli/JSON.md)")
  private boolean json;

  @Mixin private BackendOptions backend;
  @Mixin private WeightsOption weights;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    BackendProvider provider = backend.provider(spec.commandLine().getErr());
    List<Verdict> verdicts = new ArrayList<>();
    try (Weights given = weights.given() ? weights.open() : null) {
      for (Path pack : packs) {
        Verdict verdict = Verifier.verify(pack, given, provider, backend.precision());
        verdicts.add(verdict);
        if (!json) {
          out.println(verdict.line());
        }
      }
    }
    if (json) {
      ScoreTable.printJson(verdicts, out);
    }
    long skipped = verdicts.stream().filter(verdict -> verdict.skipped() != null).count();
    if (skipped == verdicts.size()) {
      throw new MoteException("no pack was checked: skipped=" + skipped + "; use --precision f32");
    }
    boolean missed = verdicts.stream().anyMatch(verdict -> !verdict.failures().isEmpty());
    return missed ? Main.FAILED : 0;
  }
}
