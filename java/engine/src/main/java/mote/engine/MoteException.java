package mote.engine;

/**
 * A failure that a user can do something about. The message reads {@code reason: name=value,
 * name=value; remedy} and is shown as it stands.
 */
public class MoteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public MoteException(String message) {
    super(message);
  }

  public MoteException(String message, Throwable cause) {
    super(message, cause);
  }
}
