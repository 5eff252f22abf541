package mote.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasOperation;
import jcuda.jcublas.cublasPointerMode;
import jcuda.runtime.cudaStream_t;
import mote.engine.OpenResources;
import mote.engine.Precision;
import mote.engine.profile.Work;

/**
 * Matrix products by cuBLAS on one stream, to be captured: its workspace is given, so that nothing
 * is allocated then. Matrices lie row by row; sums are in float32, without reduced intermediates.
 */
final class Cublas implements AutoCloseable {
  /** What NVIDIA recommends for Hopper; older devices want 4 MiB. */
  static final long WORKSPACE_BYTES = 32L << 20;

  /**
   * Sums in float32. JCublas's calls are those of cuBLAS 10, which named a data type here; NVIDIA's
   * header makes CUBLAS_COMPUTE_32F of it.
   */
  private static final int SUMS = cudaDataType.CUDA_R_32F;

  private static final Pointer ONE = scalar(1);
  private static final Pointer ZERO = scalar(0);

  private final cublasHandle handle = new cublasHandle();
  private final Stream stream;
  private final int operand;
  private boolean closed;

  /**
   * @param workspace of {@link #WORKSPACE_BYTES}
   */
  Cublas(Stream stream, DeviceBuffer workspace, Precision precision) {
    this.stream = stream;
    operand = precision == Precision.F32 ? cudaDataType.CUDA_R_32F : cudaDataType.CUDA_R_16F;
    Product.check("cublasCreate", JCublas2.cublasCreate(handle));
    OpenResources.opened("Cublas");
    try {
      cudaStream_t order = new cudaStream_t(stream.handle());
      Product.check("cublasSetStream", JCublas2.cublasSetStream(handle, order));
      Product.check(
          "cublasSetWorkspace",
          JCublas2.cublasSetWorkspace(handle, workspace.pointer(), workspace.bytes()));
      int host = cublasPointerMode.CUBLAS_POINTER_MODE_HOST;
      Product.check("cublasSetPointerMode", JCublas2.cublasSetPointerMode(handle, host));
      int whole =
          cublasMath.CUBLAS_DEFAULT_MATH
              | cublasMath.CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
      Product.check("cublasSetMathMode", JCublas2.cublasSetMathMode(handle, whole));
    } catch (RuntimeException failure) {
      close();
      throw failure;
    }
  }

  private static Pointer scalar(float value) {
    ByteBuffer memory = ByteBuffer.allocateDirect(Float.BYTES).order(ByteOrder.nativeOrder());
    return Pointer.to(memory.putFloat(0, value));
  }

  /**
   * A matrix in device memory.
   *
   * @param pitch elements from a row to the next
   */
  record Rows(DeviceBuffer values, int pitch) {}

  /**
   * out (rows, outputs) = or += in (rows, inputs) weight (outputs, inputs)^T.
   *
   * @param adds whether it is added to out, which is float then; otherwise out are operands
   */
  Product linear(
      String name,
      Rows in,
      Rows weight,
      Rows out,
      int rows,
      int inputs,
      int outputs,
      boolean adds) {
    Pointer left = weight.values.pointer();
    Pointer right = in.values.pointer();
    Pointer result = out.values.pointer();
    int type = adds ? cudaDataType.CUDA_R_32F : operand;
    // cuBLAS has columns where we have rows: it multiplies the transposed matrices.
    return product(
        name,
        () ->
            JCublas2.cublasGemmEx(
                handle,
                cublasOperation.CUBLAS_OP_T,
                cublasOperation.CUBLAS_OP_N,
                outputs,
                rows,
                inputs,
                ONE,
                left,
                operand,
                weight.pitch,
                right,
                operand,
                in.pitch,
                adds ? ONE : ZERO,
                result,
                type,
                out.pitch,
                SUMS,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
        1,
        rows,
        outputs,
        inputs,
        adds ? 2 * Float.BYTES : operandBytes());
  }

  /**
   * out[n] (outputs, columns) = or += weight (outputs, inputs) in[n] (inputs, columns) for each of
   * {@code points}; in and out have {@code columns} as their pitch.
   *
   * @param adds whether it is added to out, which is float then; otherwise out are operands
   */
  Product batched(
      String name,
      DeviceBuffer in,
      DeviceBuffer weight,
      DeviceBuffer out,
      int points,
      int inputs,
      int outputs,
      int columns,
      boolean adds) {
    Pointer left = in.pointer();
    Pointer right = weight.pointer();
    Pointer result = out.pointer();
    return product(
        name,
        () ->
            JCublas2.cublasGemmStridedBatchedEx(
                handle,
                cublasOperation.CUBLAS_OP_N,
                cublasOperation.CUBLAS_OP_N,
                columns,
                outputs,
                inputs,
                ONE,
                left,
                operand,
                columns,
                (long) inputs * columns,
                right,
                operand,
                inputs,
                0,
                adds ? ONE : ZERO,
                result,
                adds ? cudaDataType.CUDA_R_32F : operand,
                columns,
                (long) outputs * columns,
                points,
                SUMS,
                cublasGemmAlgo.CUBLAS_GEMM_DEFAULT),
        points,
        columns,
        outputs,
        inputs,
        adds ? 2 * Float.BYTES : operandBytes());
  }

  private Product product(
      String name, IntSupplier call, int batch, int rows, int outputs, int inputs, int outBytes) {
    double products = (double) batch * rows * outputs;
    double in = (double) batch * rows * inputs + (double) outputs * inputs;
    Work work = new Work(2 * products * inputs, in * operandBytes() + products * outBytes);
    String shape = "%d x (%d, %d) (%d, %d)".formatted(batch, rows, inputs, inputs, outputs);
    return new Product("gemm " + name, stream, call, shape, work);
  }

  private int operandBytes() {
    return operand == cudaDataType.CUDA_R_32F ? Float.BYTES : Short.BYTES;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      OpenResources.closed("Cublas");
      Product.check("cublasDestroy", JCublas2.cublasDestroy(handle));
    }
  }
}
