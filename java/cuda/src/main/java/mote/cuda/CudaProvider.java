package mote.cuda;

import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;
import mote.engine.profile.Peaks;

/**
 * Opens the CUDA engine: our own kernels through the driver alone. The environment variable {@code
 * MOTE_CUDA=simt} takes the stand-in that runs them on the CPU instead of a device.
 *
 * <p>Precisions: f32 (the default, until the other is measured on a device) and fp16, whose tensor
 * cores are as fast as bfloat16's and lose an eighth as much.
 */
public final class CudaProvider implements BackendProvider {
  private final Gemm gemm;
  private final Form form;

  /** With the mixer that is the faster one as far as that was measured. */
  public CudaProvider() {
    this(Gemm.AUTO);
  }

  /**
   * @param gemm whose matrix products the mixer is made of
   */
  public CudaProvider(Gemm gemm) {
    this(gemm, null);
  }

  /**
   * @param gemm whose matrix products the mixer is made of
   * @param form which kernels run; null: what the system property {@link Form#PROPERTY} says
   */
  public CudaProvider(Gemm gemm, Form form) {
    this.gemm = gemm;
    this.form = form;
  }

  @Override
  public String name() {
    return "cuda";
  }

  /**
   * Behind the CPU's: {@code auto} does not choose kernels that no GPU has run. To be raised when
   * the contract suite has passed on one.
   */
  @Override
  public int rank() {
    return 15;
  }

  @Override
  public String unavailable() {
    String refusal = Driver.outcome().refusal();
    return refusal == null && gemm == Gemm.CUBLAS ? CublasLibrary.refusal() : refusal;
  }

  /** Whether it is the stand-in that would run. */
  public boolean standIn() {
    return Driver.outcome().standIn();
  }

  @Override
  public Peaks peaks(Precision precision) {
    Driver.Outcome driver = Driver.outcome();
    if (driver.refusal() != null) {
      throw new MoteException(driver.refusal());
    }
    requireSupported(precision);
    return CudaPeaks.measure(precision);
  }

  private static void requireSupported(Precision precision) {
    if (precision == Precision.BF16) {
      throw new MoteException(
          "precision is not supported: backend=cuda, precision=bf16; use f32 or fp16");
    }
  }

  @Override
  public Backend openSingle(Weights weights, Plan plan, Precision precision) {
    Driver.Outcome driver = Driver.outcome();
    if (driver.refusal() != null) {
      throw new MoteException(driver.refusal());
    }
    requireSupported(precision);
    Form kernels = form == null ? Form.chosen() : form;
    if (gemm == Gemm.CUBLAS && kernels.hopper()) {
      throw new MoteException(
          "mixer cannot be in both forms: gemm=cublas, %s=hopper; leave one out"
              .formatted(Form.PROPERTY));
    }
    if (gemm == Gemm.CUBLAS) {
      CublasLibrary.ensure();
    }
    return new CudaBackend(
        weights, plan, precision == null ? Precision.F32 : precision, gemm, kernels, driver);
  }
}
