package mote.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import mote.cuda.Ceilings;
import mote.engine.Precision;

/** What the device's memories and multiply-adds reach; {@code peer} adds PyTorch's. */
final class CeilingsPart implements Part {
  /** Of the memory's copy: larger than any L2. On the stand-in a thousandth. */
  private static final long LARGE = 1L << 30;

  /**
   * @param name what was measured
   * @param by whose code
   * @param gbPerS read and written bytes, 1e9 a second; null of multiply-adds
   * @param tflopPerS 1e12 operations a second; null of memories
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(String name, String by, Double gbPerS, Double tflopPerS) {}

  @Override
  public String name() {
    return "ceilings";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    try (Ceilings ceilings = new Ceilings()) {
      Ceilings.Device device = ceilings.device();
      long large = device.standIn() ? LARGE >> 10 : LARGE;
      // A quarter, so that it stays there whatever the cache does.
      long cached = device.standIn() ? 1 << 16 : device.cacheBytes() / 4 / 16 * 16;
      int often = device.standIn() ? 2 : 400;
      report(results, "copy", ceilings.copyBytesPerSecond(large, device.standIn() ? 1 : 20));
      report(results, "read", ceilings.readBytesPerSecond(large, device.standIn() ? 1 : 20));
      report(results, "read-l2", ceilings.readBytesPerSecond(cached, often));
    }
    Ceilings.MultiplyAdds found = Ceilings.multiplyAdds(Precision.FP16);
    product(results, Ceiling.MMA, found.mmaGflops());
    found.cublasGflops().ifPresent(gflops -> product(results, "cublas", gflops));
    return Outcome.PASSED;
  }

  private void product(Results results, String by, double gflops) {
    results.row(name(), new Row("matmul-fp16", by, null, gflops / 1e3));
    System.out.printf("ceiling matmul-fp16 %.4f TFLOP/s by %s%n", gflops / 1e3, by);
  }

  private void report(Results results, String what, double bytesPerSecond) {
    results.row(name(), new Row(what, "mote", bytesPerSecond / 1e9, null));
    System.out.printf("ceiling %-8s %.1f GB/s%n", what, bytesPerSecond / 1e9);
  }
}
