package mote.cuda;

import java.util.function.IntSupplier;
import jcuda.jcublas.cublasStatus;
import mote.engine.MoteException;
import mote.engine.profile.Work;

/** A matrix product by cuBLAS, ready to be put on its handle's stream without allocating. */
final class Product implements Step {
  private final String name;
  private final Stream stream;
  private final IntSupplier call;
  private final String geometry;
  private final Work work;

  /**
   * @param stream of the handle; no other
   * @param call gives its status
   * @param geometry rows, outputs, inputs, for people
   */
  Product(String name, Stream stream, IntSupplier call, String geometry, Work work) {
    this.name = name;
    this.stream = stream;
    this.call = call;
    this.geometry = geometry;
    this.work = work;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String geometry() {
    return geometry;
  }

  /** What it does; points that are done are computed too. */
  Work work() {
    return work;
  }

  @Override
  public void run(Stream on) {
    if (on != stream) {
      throw new IllegalArgumentException("product is of another stream: name=" + name);
    }
    Recorder recorder = stream.recorder();
    if (recorder != null) {
      recorder.beginStep(stream, this);
    }
    check(name, call.getAsInt());
    if (recorder != null) {
      recorder.end(stream);
    }
  }

  /** Throws unless a call of cuBLAS went well. */
  static void check(String call, int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new MoteException(
          "cuBLAS call failed: call=%s, error=%s; close this backend and open it again, or give --gemm fused"
              .formatted(call, cublasStatus.stringFor(status)));
    }
  }
}
