package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import mote.contract.SmallModel;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * JCublas 12 on a host that has only CUDA 13, in a process of its own: the stand-in's cuBLAS under
 * the name of CUDA 13's, our forwarder under that of CUDA 12's.
 */
final class CudaForwarderTest {
  private static final int POINTS = 5;

  @TempDir Path folder;

  @Test
  void productsReachCuda13() throws Exception {
    String refusal = new CudaProvider().unavailable();
    boolean standIn = refusal == null && Driver.outcome().standIn();
    if (!standIn) {
      System.out.println("skipped: the stand-in plays CUDA 13 alone: set MOTE_CUDA=simt");
    }
    assumeTrue(standIn, "no stand-in");
    renamed(folder.resolve(CublasLibrary.CUDA_13));
    ProcessBuilder child =
        new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            CudaForwarderTest.class.getName());
    child.environment().put("LD_LIBRARY_PATH", folder.toString());
    Process process = child.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertEquals("forwarded", output.strip());
  }

  /** The stand-in's library with the name of CUDA 13's, on the outside and on the inside. */
  private static void renamed(Path file) throws IOException {
    try (InputStream in = StandIn.class.getResourceAsStream("simt/libcublas.so.12")) {
      String bytes = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      String other = bytes.replace(CublasLibrary.CUDA_12 + "\0", CublasLibrary.CUDA_13 + "\0");
      Files.write(file, other.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  /** What runs in the other process. */
  public static void main(String[] arguments) throws IOException {
    assertTrue(Driver.outcome().standIn());
    CublasLibrary.find(
        library -> !library.equals(CublasLibrary.CUDA_12) && CublasLibrary.opens(library),
        StandIn::loadForwarder);
    CublasLibrary.bind();
    String maps = Files.readString(Path.of("/proc/self/maps"));
    assertTrue(maps.contains("libmote_cublas_forward.so"), maps);
    assertTrue(maps.contains(CublasLibrary.CUDA_13), maps);
    assertTrue(!maps.contains(CublasLibrary.CUDA_12), maps);
    Plan plan = Plan.unscaled(64, 64, 4, 8, POINTS);
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 5);
        Backend fused = new CudaProvider(Gemm.FUSED).open(weights, plan, null);
        Backend cublas = new CudaProvider(Gemm.CUBLAS).open(weights, plan, null)) {
      float[] in = new float[POINTS * 8 * fused.architecture().mixerInputs()];
      Arrays.fill(in, 0.5f);
      float[] expected = new float[POINTS * fused.architecture().mixerOutputs()];
      float[] actual = new float[expected.length];
      fused.stages().mixer(POINTS, in, expected);
      cublas.stages().mixer(POINTS, in, actual);
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], 1e-4f);
      }
    }
    System.out.println("forwarded");
  }
}
