package mote.engine.reference;

import mote.engine.Backend;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Precision;
import mote.engine.Weights;

/** Opens the plain-Java backend, which runs everywhere. */
public final class ReferenceProvider implements BackendProvider {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public String unavailable() {
    return null;
  }

  @Override
  public Backend openSingle(Weights weights, Plan plan, Precision precision) {
    if (precision != null && precision != Precision.F32) {
      throw new MoteException(
          "precision is not supported: backend=reference, precision="
              + precision.id()
              + "; use f32");
    }
    return new ReferenceBackend(weights, plan);
  }
}
