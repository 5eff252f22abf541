package mote.cpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Processor time that a control group of this process, or one above it, allows (cgroups(7)): who
 * uses it up stands still for the rest of each period.
 *
 * @param processors as many as run all the time
 * @param file that says so
 */
record ProcessorQuota(double processors, Path file) {
  /** Of this process; null where there is none. */
  static ProcessorQuota find() throws IOException {
    return find(Path.of("/proc/self/cgroup"), Path.of("/sys/fs/cgroup"));
  }

  /**
   * Those above it are looked at, too, as far as they can be seen from here.
   *
   * @param membership a line a hierarchy: {@code number:controllers:/group}
   * @param mounted where the hierarchies are
   */
  static ProcessorQuota find(Path membership, Path mounted) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(membership);
    } catch (NoSuchFileException noGroups) {
      return null;
    }
    for (String line : lines) {
      String[] fields = line.split(":", 3);
      boolean unified = fields[1].isEmpty();
      if (!unified && !Arrays.asList(fields[1].split(",")).contains("cpu")) {
        continue;
      }
      Path root = unified ? mounted : mounted.resolve("cpu");
      Path group = root.resolve(fields[2].substring(1)).normalize();
      if (!group.startsWith(root)) { // /../: outside of what can be seen
        group = root;
      }
      for (Path at = group; at != null && at.startsWith(root); at = at.getParent()) {
        ProcessorQuota quota = unified ? unified(at) : first(at);
        if (quota != null) {
          return quota;
        }
      }
    }
    return null;
  }

  /** Version 2: microseconds or {@code max}, and the period that they are of. */
  private static ProcessorQuota unified(Path group) throws IOException {
    Path file = group.resolve("cpu.max");
    if (!Files.exists(file)) {
      return null;
    }
    String[] fields = Files.readString(file).strip().split(" ");
    return fields[0].equals("max")
        ? null
        : new ProcessorQuota(number(fields[0], file) / number(fields[1], file), file);
  }

  /** Version 1: microseconds or -1 in one file, the period in another. */
  private static ProcessorQuota first(Path group) throws IOException {
    Path file = group.resolve("cpu.cfs_quota_us");
    if (!Files.exists(file)) {
      return null;
    }
    double quota = number(Files.readString(file).strip(), file);
    Path other = group.resolve("cpu.cfs_period_us");
    double period = number(Files.readString(other).strip(), other);
    return quota < 0 ? null : new ProcessorQuota(quota / period, file);
  }

  private static double number(String text, Path file) throws IOException {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException other) {
      throw new IOException("quota is no number: file=" + file + ", text=" + text, other);
    }
  }
}
