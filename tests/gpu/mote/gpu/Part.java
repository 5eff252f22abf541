package mote.gpu;

/** One of the things that {@code run.sh} measures or checks, in a process of its own. */
interface Part {
  /** What it came to; anything but {@link #FAILED} is no reason to distrust the kernels. */
  enum Outcome {
    PASSED,
    FAILED,
    NOT_MEASURED;

    String text() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
  }

  /** The name on the command line and in results.json. */
  String name();

  /**
   * Does it, each row into {@code results} as soon as it is known.
   *
   * @throws mote.engine.MoteException where it cannot be done at all
   */
  Outcome run(Settings settings, Results results) throws Exception;
}
