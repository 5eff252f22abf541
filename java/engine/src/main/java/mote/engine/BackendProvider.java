package mote.engine;

import mote.engine.profile.Peaks;

/**
 * A way to run models, found through {@link java.util.ServiceLoader}. Loading the class must not
 * fail where the device is missing: {@link #unavailable} says so instead.
 */
public interface BackendProvider {
  /** {@code reference}, {@code cpu} or {@code cuda}. */
  String name();

  /** Order in which {@code auto} tries: larger first. cuda 30, cpu 20, reference 10. */
  int rank();

  /** Why this backend cannot be used here, as {@code reason: name=value; remedy}, or null. */
  String unavailable();

  /**
   * Opens a model.
   *
   * @param weights stay owned by the caller and must outlive the backend
   * @param precision null for the measured default of this backend
   * @throws MoteException if this backend is unavailable, lacks the precision, or has not enough
   *     memory
   */
  default Backend open(Weights weights, Plan plan, Precision precision) {
    return weights.architecture().fine() == null
        ? openSingle(weights, plan, precision)
        : CoarseToFine.open(this, weights, plan, precision);
  }

  /** As {@link #open}, a model of one tracker: {@link Architecture#fine} is null. */
  Backend openSingle(Weights weights, Plan plan, Precision precision);

  /**
   * As {@link #openSingle}, the fine tracker of a model that has one: for those who wrap backends
   * and tell the two apart.
   */
  default Backend openFine(Weights weights, Plan plan, Precision precision) {
    return openSingle(weights, plan, precision);
  }

  /**
   * Measures what the device can do at most, for profiles.
   *
   * @param precision of the operands of multiply-adds
   * @return null where a backend has no peak worth the name
   * @throws MoteException if the precision cannot be used here, or the device fails
   */
  default Peaks peaks(Precision precision) {
    return null;
  }
}
