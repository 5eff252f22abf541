package mote.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import mote.cuda.Ceilings;
import mote.engine.MoteException;

/** Which device, driver and build the results are of. */
final class DevicePart implements Part {
  @Override
  public String name() {
    return "device";
  }

  @Override
  public Outcome run(Settings settings, Results results) throws IOException {
    try (Ceilings ceilings = new Ceilings()) {
      Ceilings.Device device = ceilings.device();
      String before = results.root().path("device").path("name").asText(device.name());
      if (!before.equals(device.name())) {
        throw new MoteException(
            "results are of another device: device=%s, results=%s; give another folder"
                .formatted(device.name(), before));
      }
      results.set("device", device);
      results.set("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      results.set("revision", revision());
      System.out.printf(
          "%s%s, compute capability %d.%d, %d multiprocessors, driver for CUDA %s%n",
          device.standIn() ? "STAND-IN on the CPU, no time says anything: " : "",
          device.name(),
          device.capability() / 10,
          device.capability() % 10,
          device.multiprocessors(),
          device.cuda());
    }
    return Outcome.PASSED;
  }

  /** What {@code mote bundle} noted beside the libraries. */
  private static String revision() throws IOException {
    Path file = Path.of(System.getProperty("mote.bundle", ""), "REVISION");
    return Files.exists(file) ? Files.readString(file).strip() : "unknown";
  }
}
