package mote.gpu;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mote.cuda.Ceilings;
import mote.cuda.CudaProvider;
import mote.cuda.Form;
import mote.cuda.Gemm;
import mote.engine.MoteException;
import mote.engine.Precision;
import picocli.CommandLine.Option;

/** What {@code run.sh} was asked for. */
final class Settings {
  /** Rows and columns of frames. */
  record Size(int height, int width) {
    static Size parse(String text) {
      String[] sides = text.split("x");
      try {
        return new Size(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException malformed) {
        throw new MoteException(
            "size is malformed: size=" + text + "; give HxW, for example 480x640");
      }
    }

    @Override
    public String toString() {
      return height + "x" + width;
    }
  }

  @Option(names = "--out", required = true, description = "folder of results.json and table.md")
  Path out;

  @Option(names = "--repository", description = "folder with tests/golden and weights")
  Path repository = Path.of("");

  @Option(names = "--seconds", description = "that the part may take")
  double seconds = 120;

  @Option(
      names = "--sizes",
      split = ",",
      description = "HxW of frames; the first is the one that targets are stated for")
  List<String> sizes = List.of("480x640", "256x256", "720x1280");

  @Option(names = "--points", split = ",", description = "how many points")
  List<Integer> points = List.of(256, 64, 8, 1024);

  @Option(names = "--frames", description = "that are timed in each case, at most")
  int frames = 2000;

  @Option(names = "--models", split = ",", description = "pips, mote-s, mote-m")
  List<String> models = List.of("pips", "mote-s");

  @Option(names = "--precisions", split = ",", description = "that are timed, of f32, fp16")
  List<Precision> precisions = List.of(Precision.FP16);

  @Option(names = "--gemm", split = ",", description = "fused, cublas: the mixer's products")
  List<Gemm> gemms = List.of(Gemm.FUSED, Gemm.CUBLAS);

  @Option(names = "--forms", split = ",", description = "portable, hopper: the mixer's kernels")
  List<Form> forms = List.of(Form.PORTABLE, Form.HOPPER);

  @Option(names = "--packs", split = ",", description = "golden packs, without .safetensors")
  List<String> packs =
      List.of(
          "mote-window",
          "mote-window-odd",
          "window-small",
          "window-odd-stride8",
          "window-360x640",
          "mote-stream",
          "mote-video",
          "mote-m-window-odd",
          "mote-m-stream",
          "mote-m-video",
          "chain");

  @Option(names = "--pips-pack", description = "that is met before pips is timed")
  String pipsPack = "window-360x640";

  @Option(names = "--iterations", description = "of all models; 0: 6 of pips, 4 of others")
  int iterations;

  @Option(names = "--tests", description = "regular expression of contract tests to run")
  String tests = ".*";

  @Option(names = "--python", description = "for the published implementation")
  String python = "python3";

  @Option(names = "--variants", split = ",", description = "of it")
  List<String> variants = List.of("eager", "score-maps", "fp16", "compiled");

  List<Size> sizes() {
    return sizes.stream().map(Size::parse).toList();
  }

  /** The mixers that this device and its libraries can run; says which are left out, and why. */
  List<MixerForm> mixers(String part, Results results) {
    List<Form> running = forms(part, results);
    List<MixerForm> found = new ArrayList<>();
    for (Gemm gemm : gemms) {
      String refusal = new CudaProvider(gemm).unavailable();
      if (refusal != null) {
        leaveOut(part, results, gemm.id(), refusal);
        continue;
      }
      for (Form form : running) {
        if (gemm != Gemm.CUBLAS || form == Form.PORTABLE) {
          found.add(new MixerForm(gemm, form));
        }
      }
    }
    return found;
  }

  /** The forms of the kernels that this device can run; says which are left out, and why. */
  List<Form> forms(String part, Results results) {
    int capability;
    try (Ceilings ceilings = new Ceilings()) {
      capability = ceilings.device().capability();
    }
    List<Form> found = new ArrayList<>();
    for (Form form : forms) {
      String refusal = form.refusal(capability);
      if (refusal == null) {
        found.add(form);
      } else {
        leaveOut(part, results, form.id(), refusal);
      }
    }
    return found;
  }

  private static void leaveOut(String part, Results results, String what, String refusal) {
    String note = what + " is left out: " + refusal;
    results.add(part, "notes", note);
    System.out.println(note);
  }

  Path pack(String name) {
    return repository.resolve("tests/golden/" + name + ".safetensors");
  }

  /** Of a model that is shipped. */
  Path weights(String model) {
    return repository.resolve("weights/" + model + ".safetensors");
  }

  int iterations(String model) {
    return iterations > 0 ? iterations : model.equals("pips") ? 6 : 4;
  }
}
