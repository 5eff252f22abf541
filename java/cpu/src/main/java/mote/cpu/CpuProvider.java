package mote.cpu;

import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/** Opens the native CPU engine: C++ and oneDNN behind native/include/mote.h. */
public final class CpuProvider implements BackendProvider {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public String unavailable() {
    return NativeLibrary.outcome().refusal();
  }

  @Override
  public Backend open(Weights weights, Plan plan, Precision precision) {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    if (library.refusal() != null) {
      throw new MoteException(library.refusal());
    }
    if (precision == Precision.FP16) {
      throw new MoteException(
          "precision is not supported: backend=cpu, precision=fp16; use f32 or bf16");
    }
    return new CpuBackend(library.functions(), weights, plan, precision);
  }

  /** Engines of the native library that are open in this process: the native leak counter. */
  public static long openEngines() {
    NativeLibrary.Outcome library = NativeLibrary.outcome();
    return library.functions() == null ? 0 : library.functions().mote_open_engines();
  }
}
