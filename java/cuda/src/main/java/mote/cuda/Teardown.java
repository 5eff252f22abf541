package mote.cuda;

import mote.engine.MoteException;

/** Frees one thing after the other, whatever fails on the way. */
final class Teardown {
  private Teardown() {}

  /**
   * @param cause gets failures as suppressed ones; null: the first is returned
   */
  static MoteException run(RuntimeException cause, Runnable... steps) {
    MoteException first = null;
    for (Runnable step : steps) {
      try {
        step.run();
      } catch (MoteException failure) {
        if (cause != null) {
          cause.addSuppressed(failure);
        } else if (first == null) {
          first = failure;
        }
      }
    }
    return first;
  }

  /**
   * Closes what was opened.
   *
   * @param resource may be null
   */
  static void close(AutoCloseable resource) {
    if (resource != null) {
      try {
        resource.close();
      } catch (RuntimeException failure) {
        throw failure;
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
    }
  }
}
