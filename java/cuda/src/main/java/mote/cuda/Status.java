package mote.cuda;

import java.util.Map;
import jcuda.driver.CUresult;
import mote.engine.MoteException;

/** What the driver's calls return, as exceptions in words. */
final class Status {
  private static final Map<Integer, String> REMEDIES =
      Map.of(
          CUresult.CUDA_ERROR_NO_DEVICE,
          "check with nvidia-smi that a device is there, or use the cpu backend",
          CUresult.CUDA_ERROR_OUT_OF_MEMORY,
          "close what else uses the device, or give fewer points, fewer slots or a smaller working size",
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          "the kernels need a device of compute capability 8.0 or newer",
          CUresult.CUDA_ERROR_INVALID_PTX,
          "the kernels' PTX does not fit this driver: install driver 525 or newer",
          CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          "the kernels' PTX does not fit this driver: install driver 525 or newer",
          CUresult.CUDA_ERROR_NOT_SUPPORTED,
          "this driver lacks the call: install driver 525 or newer");

  private Status() {}

  /**
   * Throws unless a call went well.
   *
   * @param call the driver's name of it
   */
  static void check(String call, int status) {
    if (status != CUresult.CUDA_SUCCESS) {
      throw failure(call, status);
    }
  }

  /** The exception that says how a call failed. */
  static MoteException failure(String call, int status) {
    return new MoteException(
        "CUDA call failed: call="
            + call
            + ", error="
            + CUresult.stringFor(status)
            + "; "
            + REMEDIES.getOrDefault(status, "close this backend and open it again"));
  }
}
