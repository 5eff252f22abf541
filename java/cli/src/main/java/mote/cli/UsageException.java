package mote.cli;

import mote.engine.MoteException;

/**
 * What is wrong can be seen from the command line alone, without any file: exit code {@link
 * Main#USAGE} and a hint at the help. The message has the form of every {@link MoteException}.
 */
public final class UsageException extends MoteException {
  private static final long serialVersionUID = 1;

  public UsageException(String message) {
    super(message);
  }

  private UsageException(MoteException refused) {
    super(refused.getMessage(), refused);
  }

  /** Runs a check of what was given on the command line; what it refuses is wrong usage. */
  static void check(Runnable check) {
    try {
      check.run();
    } catch (MoteException refused) {
      throw new UsageException(refused);
    }
  }
}
