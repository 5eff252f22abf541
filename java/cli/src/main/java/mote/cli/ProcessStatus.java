package mote.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says of this process. */
public final class ProcessStatus {
  private ProcessStatus() {}

  /**
   * A field of {@code /proc/self/status}, for example {@code VmHWM}.
   *
   * @return null where there is no such field
   * @throws IOException where there is no such file: not Linux
   */
  public static String find(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(field + ":")) {
        return line.substring(field.length() + 1).strip();
      }
    }
    return null;
  }
}
