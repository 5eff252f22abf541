package mote.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The published implementation on PyTorch (peer/peer.py), where Python has it; and what its matrix
 * products reach. It runs in a process of its own and says what it finds line by line.
 */
final class PeerPart implements Part {
  /** What it says of several times: lists in results.json, with an s. */
  private static final Set<String> LISTS = Set.of("ceiling", "check", "note");

  @Override
  public String name() {
    return "peer";
  }

  @Override
  public Outcome run(Settings settings, Results results) throws IOException, InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(command(settings))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
    } catch (IOException missing) {
      String note = "no Python: python=%s; give --python one with torch".formatted(settings.python);
      results.add(name(), "notes", note);
      System.out.println(note);
      return Outcome.NOT_MEASURED;
    }
    Thread ending = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(ending);
    ObjectMapper mapper = new ObjectMapper();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println("peer " + line);
        keep(mapper.readTree(line), results);
      }
    }
    int code = process.waitFor();
    Runtime.getRuntime().removeShutdownHook(ending);
    if (code == 3) {
      return Outcome.NOT_MEASURED;
    }
    return code == 0 ? Outcome.PASSED : Outcome.FAILED;
  }

  private static List<String> command(Settings settings) {
    Path folder = Path.of(System.getProperty("mote.bundle", "tests/gpu"), "peer");
    return List.of(
        settings.python,
        folder.resolve("peer.py").toString(),
        settings.repository.resolve("tests/golden/formula_weights.py").toString(),
        settings.pack(settings.pipsPack).toString(),
        Double.toString(settings.seconds),
        Integer.toString(settings.frames),
        String.join(",", settings.sizes),
        settings.points.stream().map(Object::toString).collect(Collectors.joining(",")),
        String.join(",", settings.variants),
        Integer.toString(settings.iterations("pips")));
  }

  private void keep(JsonNode line, Results results) {
    if (line.has("row")) {
      results.row(name(), line.get("row"));
    } else {
      line.fields()
          .forEachRemaining(
              field -> {
                if (LISTS.contains(field.getKey())) {
                  results.add(name(), field.getKey() + "s", field.getValue());
                } else {
                  results.note(name(), field.getKey(), field.getValue());
                }
              });
    }
  }
}
