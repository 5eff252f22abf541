package mote.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;

/** Files that a command writes must not be files that it reads. */
final class OutputFile {
  private OutputFile() {}

  /**
   * Refuses an output that would replace an input.
   *
   * @param output as the user named it
   * @param inputs as the user named them; null for what was not given
   */
  static void refuseReplacing(Path output, Path... inputs) {
    for (Path input : inputs) {
      if (input != null && isSame(output, input)) {
        throw new MoteException(
            "output would replace an input: output=%s, input=%s; give it another name"
                .formatted(output, input));
      }
    }
  }

  /** Whether two names are one file, whatever links lead to it. */
  static boolean isSame(Path a, Path b) {
    try {
      return Files.exists(a) && Files.exists(b)
          ? Files.isSameFile(a, b)
          : a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    } catch (IOException e) {
      throw new MoteException(
          "files cannot be compared: output=%s, input=%s, cause=%s; check their folders"
              .formatted(a, b, e),
          e);
    }
  }
}
