package mote.cuda;

import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;

/** A kernel with its parameters and geometry, ready to be put on a stream without allocating. */
final class Launch implements Step {
  private final String name;
  private final CUfunction function;
  private final int blocks;
  private final int blocksY;
  private final int threads;
  private final int shared;
  private final Structs.Struct parameters;
  private final Pointer arguments;
  private int inputs;
  private int outputs;

  /**
   * @param parameters are read at every {@link #run}
   * @param shared bytes of dynamic shared memory
   */
  Launch(
      Kernels kernels,
      String name,
      CUfunction function,
      Structs.Struct parameters,
      long blocks,
      int blocksY,
      int threads,
      int shared) {
    this.name = name;
    this.function = function;
    this.parameters = parameters;
    this.blocks = Math.toIntExact(blocks);
    this.blocksY = blocksY;
    this.threads = threads;
    this.shared = shared;
    kernels.allowShared(name, function, shared);
    arguments = Pointer.to(Pointer.to(parameters.segment().asByteBuffer()));
  }

  @Override
  public String name() {
    return name;
  }

  Structs.Struct parameters() {
    return parameters;
  }

  /** Says which of the stored channels are the model's. */
  Launch channels(int inputs, int outputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    return this;
  }

  /** Input channels of the model, of convolutions alone. */
  int inputs() {
    return inputs;
  }

  /** As {@link #inputs}. */
  int outputs() {
    return outputs;
  }

  /** Blocks, threads a block and dynamic shared memory. */
  @Override
  public String geometry() {
    String grid = blocksY == 1 ? Integer.toString(blocks) : blocks + "x" + blocksY;
    return "grid %s, block %d, shared %d B".formatted(grid, threads, shared);
  }

  @Override
  public void run(Stream stream) {
    Recorder recorder = stream.recorder();
    if (recorder != null) {
      recorder.beginStep(stream, this);
    }
    int status =
        JCudaDriver.cuLaunchKernel(
            function, blocks, blocksY, 1, threads, 1, 1, shared, stream.handle(), arguments, null);
    if (status != 0) {
      throw Status.failure("cuLaunchKernel " + name, status);
    }
    if (recorder != null) {
      recorder.end(stream);
    }
  }
}
