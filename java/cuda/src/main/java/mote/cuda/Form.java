package mote.cuda;

import java.util.Locale;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/** Which kernels run where a device has some of its own. */
public enum Form {
  /**
   * The faster one as far as that was measured: the portable one, until the contract suite has
   * passed on a Hopper GPU and the Hopper form was the faster one there ({@link #hopper} is where
   * to say so).
   */
  AUTO,
  /** Kernels for every device from compute capability 8.0 on. */
  PORTABLE,
  /** The mixer for compute capability 9.0: wgmma, TMA and clusters (kernels/mixer_hopper.cu). */
  HOPPER;

  /** System property: auto, portable or hopper. */
  public static final String PROPERTY = "mote.cuda.form";

  /** What wgmma of sm_90a needs: no other device has it, newer ones neither. */
  private static final int CAPABILITY = 90;

  /** The name used in the property. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What {@link #PROPERTY} says; {@link #AUTO} where it says nothing.
   *
   * @throws MoteException if it names none
   */
  static Form chosen() {
    String name = System.getProperty(PROPERTY, AUTO.id());
    for (Form form : values()) {
      if (form.id().equals(name)) {
        return form;
      }
    }
    throw new MoteException(
        "form of the CUDA kernels is unknown: %s=%s; give auto, portable or hopper"
            .formatted(PROPERTY, Untrusted.printable(name)));
  }

  /**
   * Why a device cannot run it; null where it can.
   *
   * @param capability 90 for compute capability 9.0
   */
  public String refusal(int capability) {
    return this == HOPPER && capability != CAPABILITY
        ? "Hopper kernels need a Hopper device: compute_capability=%d.%d, needed=9.0; give %s=portable"
            .formatted(capability / 10, capability % 10, PROPERTY)
        : null;
  }

  /** Whether the Hopper form runs. */
  boolean hopper() {
    return this == HOPPER;
  }
}
