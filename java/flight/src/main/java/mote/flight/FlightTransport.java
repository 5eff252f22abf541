package mote.flight;

import java.util.logging.Level;
import java.util.logging.Logger;
import mote.stream.ListenAddress;
import mote.stream.StreamOptions;
import mote.stream.StreamServer;
import mote.stream.StreamTransport;

/** {@code mote stream --listen grpc://host:port}. */
public final class FlightTransport implements StreamTransport {
  /**
   * What peers do wrong is told in a connection's report, not by stack traces. Kept: it is weak.
   */
  private static final Logger GRPC = Logger.getLogger("io.grpc");

  @Override
  public String scheme() {
    return "grpc";
  }

  @Override
  public Listening listen(StreamServer server, StreamOptions options, ListenAddress where) {
    GRPC.setLevel(Level.OFF);
    FlightService service = new FlightService(server, options, where);
    return new Listening() {
      @Override
      public ListenAddress address() {
        return service.address();
      }

      @Override
      public void close() {
        service.close();
      }
    };
  }
}
