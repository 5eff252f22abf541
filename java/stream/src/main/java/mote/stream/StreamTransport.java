package mote.stream;

import java.util.ServiceLoader;
import mote.engine.MoteException;

/** Another way for peers to reach a server, from a module that not every build has. */
public interface StreamTransport {
  /** What addresses begin with, before {@code ://}. */
  String scheme();

  /**
   * Listens.
   *
   * @param server serves the peers; stays owned by the caller
   * @param where of TCP
   * @throws MoteException if it cannot be listened to, or others than this machine's programs could
   *     connect without a token
   */
  Listening listen(StreamServer server, StreamOptions options, ListenAddress where);

  /** Listens until it is closed. */
  interface Listening extends AutoCloseable {
    /** As it turned out. */
    ListenAddress address();

    @Override
    void close();
  }

  /**
   * The transport of a scheme.
   *
   * @throws MoteException if this build has none
   */
  static StreamTransport of(String scheme) {
    return ServiceLoader.load(StreamTransport.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(transport -> transport.scheme().equals(scheme))
        .findFirst()
        .orElseThrow(
            () ->
                new MoteException(
                    "transport is not part of this run: scheme=%s; start with MOTE_FLIGHT=1 ./mote, or listen on tcp://"
                        .formatted(scheme)));
  }
}
