package mote.media;

import mote.engine.MoteException;

/** A source that broke off or cannot be opened, with the reason alone for messages of a whole. */
final class BrokenOffException extends MoteException {
  private static final long serialVersionUID = 1;

  private final String reason;

  BrokenOffException(String message, String reason) {
    super(message);
    this.reason = reason;
  }

  /** A few words. */
  String reason() {
    return reason;
  }

  /** A few words about any failure of a source. */
  static String reason(MoteException failure) {
    return failure instanceof BrokenOffException broken ? broken.reason() : failure.getMessage();
  }
}
