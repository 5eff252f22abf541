package mote.stream;

import mote.engine.MoteException;

/** A peer broke java/stream/PROTOCOL.md: it is told so and its connection ends. */
final class ProtocolException extends MoteException {
  private static final long serialVersionUID = 1;

  ProtocolException(String message) {
    super(message);
  }

  ProtocolException(String message, Throwable cause) {
    super(message, cause);
  }
}
