package mote.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import mote.engine.MoteException;
import mote.engine.Precision;

/**
 * The kernels in a context: each operation's PTX (kernels/ptx) loaded when one of its kernels is
 * first asked for.
 */
final class Kernels implements AutoCloseable {
  /** Shared memory that every kernel may have without asking. */
  private static final int PLAIN_SHARED = 48 << 10;

  private final Context context;
  private final Precision precision;
  private final Map<String, CUmodule> modules = new HashMap<>();

  Kernels(Context context, Precision precision) {
    this.context = context;
    this.precision = precision;
  }

  Precision precision() {
    return precision;
  }

  /** 90 for compute capability 9.0. */
  int capability() {
    return context.capability();
  }

  /** Bytes of an operand. */
  int operandBytes() {
    return precision == Precision.F32 ? 4 : 2;
  }

  /** Elements by which rows of shared tiles are padded (kPad of operand.cuh). */
  int pad() {
    return 16 / operandBytes();
  }

  /** A kernel that exists once for all operand types; names as {@link #typed}. */
  CUfunction plain(String operation, String variant) {
    return function(operation, "mote_" + variant);
  }

  /**
   * A kernel of this precision's operands.
   *
   * @param operation names the file, kernels/operation.cu
   * @param variant names the kernel, mote_variant_type
   */
  CUfunction typed(String operation, String variant) {
    String type = precision == Precision.F32 ? "f32" : "f16";
    return function(operation, "mote_" + variant + "_" + type);
  }

  private CUfunction function(String operation, String name) {
    CUfunction function = new CUfunction();
    Status.check(
        "cuModuleGetFunction " + name,
        JCudaDriver.cuModuleGetFunction(function, module(operation), name));
    return function;
  }

  private CUmodule module(String operation) {
    CUmodule loaded = modules.get(operation);
    if (loaded == null) {
      loaded = new CUmodule();
      Status.check(
          "cuModuleLoadData " + operation, JCudaDriver.cuModuleLoadData(loaded, image(operation)));
      modules.put(operation, loaded);
    }
    return loaded;
  }

  private static String image(String operation) {
    String resource = "kernels/" + operation + ".ptx";
    try (InputStream in = Kernels.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new MoteException(
            "kernel image is missing: name=%s; build Mote again".formatted(resource));
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new IllegalStateException("kernel image cannot be read from the jar: " + resource, e);
    }
  }

  /** Lets a kernel have that much dynamic shared memory. */
  void allowShared(String name, CUfunction function, int bytes) {
    int most = context.sharedMemory();
    if (bytes > most) {
      throw new MoteException(
          "model is too wide for the device's shared memory: kernel=%s, needed_bytes=%d, bytes=%d; use fp16, a narrower model, or the cpu backend"
              .formatted(name, bytes, most));
    }
    if (bytes > PLAIN_SHARED) {
      Status.check(
          "cuFuncSetAttribute",
          JCudaDriver.cuFuncSetAttribute(
              function,
              CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
              bytes));
    }
  }

  @Override
  public void close() {
    int failed = 0;
    for (CUmodule module : modules.values()) {
      int status = JCudaDriver.cuModuleUnload(module);
      failed = failed == 0 ? status : failed;
    }
    modules.clear();
    Status.check("cuModuleUnload", failed);
  }
}
