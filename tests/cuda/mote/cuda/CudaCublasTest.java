package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mote.contract.SmallModel;
import mote.engine.Architecture;
import mote.engine.Backend;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.OpenResources;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.golden.Distance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The mixer by cuBLAS beside the fused one, and where cuBLAS comes from. */
final class CudaCublasTest {
  private static final int POINTS = 33;
  private static final Plan PLAN = Plan.unscaled(64, 64, 4, 8, POINTS);

  @BeforeEach
  void skipWhereUnavailable() {
    String refusal = new CudaProvider().unavailable();
    if (refusal != null) {
      System.out.println("skipped: cuda: " + refusal);
    }
    assumeTrue(refusal == null, refusal);
  }

  @AfterEach
  void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }

  /**
   * Two orders of the same sums in float32; binary16 rounds the hidden layers and the norms, 2^-11
   * off each, in other places.
   */
  private static double tolerance(Precision precision) {
    return precision == Precision.F32 ? 1e-4 : 0.03;
  }

  @ParameterizedTest
  @EnumSource(SmallModel.class)
  void bothMixersAgree(SmallModel model) {
    Architecture architecture = model.architecture();
    for (Precision precision : List.of(Precision.F32, Precision.FP16)) {
      try (FormulaWeights weights = FormulaWeights.of(architecture, 5);
          Backend fused = new CudaProvider(Gemm.FUSED).open(weights, PLAN, precision);
          Backend cublas = new CudaProvider(Gemm.CUBLAS).open(weights, PLAN, precision)) {
        for (int count : new int[] {1, 9, POINTS}) {
          float[] in = new float[count * 8 * architecture.mixerInputs()];
          for (int i = 0; i < in.length; i++) {
            in[i] = (float) Math.cos(12.9898 * i + count);
          }
          float[] expected = new float[count * architecture.mixerOutputs()];
          float[] actual = expected.clone();
          fused.stages().mixer(count, in, expected);
          cublas.stages().mixer(count, in, actual);
          Distance distance = Distance.of(expected, actual);
          double tolerance = tolerance(precision);
          assertTrue(
              distance.within(tolerance, tolerance),
              () -> "%s %s: %s".formatted(model, precision, distance));
        }
      }
    }
  }

  /** Whole windows, captured as graphs and replayed: the trajectories agree within 0.1 px. */
  @ParameterizedTest
  @EnumSource(
      value = SmallModel.class,
      names = {"PIPS", "MOTE"})
  void bothRefineAlike(SmallModel model) {
    try (FormulaWeights weights = FormulaWeights.of(model.architecture(), 5);
        Backend fused = new CudaProvider(Gemm.FUSED).open(weights, PLAN, Precision.FP16);
        Backend cublas = new CudaProvider(Gemm.CUBLAS).open(weights, PLAN, Precision.FP16)) {
      float[] expected = refine(fused);
      for (int run = 0; run < 2; run++) {
        Distance distance = Distance.ofVectors(expected, refine(cublas), 2);
        assertTrue(distance.within(0.1, 0.05), () -> model + ": " + distance);
      }
    }
  }

  private static float[] refine(Backend backend) {
    int count = 5;
    int[] slots = {0, 1, 2, 3, 4, 5, 6, 7};
    int[] templates = {0, 1, 2, 3, 4};
    float[] start = new float[2 * count];
    for (int n = 0; n < count; n++) {
      start[2 * n] = 10 + 9 * n;
      start[2 * n + 1] = 50 - 8 * n;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment picture = arena.allocate(3L * 64 * 64);
      for (int slot : slots) {
        for (int i = 0; i < picture.byteSize(); i++) {
          picture.set(ValueLayout.JAVA_BYTE, i, (byte) (128 + 90 * Math.sin(0.05 * i + slot)));
        }
        backend.encode(slot, picture, 3 * 64);
      }
    }
    backend.sample(0, count, templates, start);
    float[] xy = new float[8 * 2 * count];
    for (int s = 0; s < 8; s++) {
      System.arraycopy(start, 0, xy, 2 * count * s, 2 * count);
    }
    float[] logits = new float[8 * count];
    backend.refine(slots, count, templates, new boolean[count], 2, 0, xy, logits, logits.clone());
    return xy;
  }

  @Test
  void theDescriptionSaysWhoseProducts() {
    try (FormulaWeights weights = FormulaWeights.of(SmallModel.MOTE.architecture(), 5);
        Backend automatic = new CudaProvider().open(weights, PLAN, null);
        Backend cublas = new CudaProvider(Gemm.CUBLAS).open(weights, PLAN, null)) {
      assertFalse(automatic.description().contains("cuBLAS"), "auto takes the fused mixer");
      assertTrue(cublas.description().endsWith(", mixer by cuBLAS"), cublas.description());
    }
  }

  @Test
  void whereCublasIsMissing() {
    MoteException error =
        assertThrows(MoteException.class, () -> CublasLibrary.find(library -> false, () -> {}));
    assertEquals(
        "no cuBLAS: libraries=libcublas.so.12, libcublas.so.13; install CUDA 12's or 13's cuBLAS and put it on the library path, or give --gemm fused",
        error.getMessage());
  }

  @Test
  void cuda13IsForwardedToWhereCuda12IsMissing() {
    List<String> done = new ArrayList<>();
    CublasLibrary.find(
        library -> {
          done.add(library);
          return library.equals(CublasLibrary.CUDA_13);
        },
        () -> done.add("forward"));
    assertEquals(List.of(CublasLibrary.CUDA_12, CublasLibrary.CUDA_13, "forward"), done);
    done.clear();
    CublasLibrary.find(done::add, () -> done.add("forward"));
    assertEquals(List.of(CublasLibrary.CUDA_12), done);
  }
}
