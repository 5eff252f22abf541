package mote.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import mote.cli.eval.ScoreTable;
import mote.cpu.Awake;
import mote.engine.BackendProvider;
import mote.engine.MoteException;
import mote.engine.Untrusted;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.stream.ListenAddress;
import mote.stream.LiveEngine;
import mote.stream.Policy;
import mote.stream.StreamOptions;
import mote.stream.StreamReport;
import mote.stream.StreamServer;
import mote.stream.StreamTransport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code mote stream}: frames in, tracks out, as Arrow IPC. */
@Command(
    name = "stream",
    description = {
      "Tracks frames that programs send, one in, points out.",
      "Frames and tracks are Arrow IPC streams over standard input and output, a Unix socket or",
      "TCP; java/stream/PROTOCOL.md says which. Every connection has a tracker of its own."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote stream --listen tcp://127.0.0.1:7788",
      "  mote stream --listen unix:/run/user/1000/mote.sock --policy latest --points 256",
      "  mote stream --listen tcp://0.0.0.0:7788 --token-file ~/.mote-token",
      "  mote stream < frames.arrows > tracks.arrows",
      "  python3 java/stream/client/mote_client.py tcp://127.0.0.1:7788",
      "      a client in Python (pip install pyarrow numpy), to use or to read",
      "",
      "Without --iterations a frame takes "
          + LiveOptions.ITERATIONS
          + ". Ctrl-C answers what was received and ends."
    })
final class StreamCommand implements Callable<Integer> {
  private static final String STANDARD = "-";

  /** Scheme of Arrow Flight's addresses. */
  private static final String FLIGHT = "grpc";

  /** Milliseconds between looks at whether to stop. */
  private static final long POLL = 50;

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS",
      defaultValue = STANDARD,
      description = {
        "tcp://host:port (port 0: any that is free), unix:/path, grpc://host:port (Arrow Flight,",
        "with MOTE_FLIGHT=1 in the environment), or - for standard input and output; default:",
        "${DEFAULT-VALUE}. Without a token, on this machine only"
      })
  private String listen;

  @Option(
      names = "--token-file",
      paramLabel = "F",
      description = "file whose first line clients must give; needed where other machines connect")
  private Path tokenFile;

  @Option(
      names = "--policy",
      paramLabel = "P",
      description = {
        "where frames come faster than they are tracked: every (the sender waits) or latest",
        "(the rest is dropped and counted); default: every"
      })
  private Policy policy = Policy.EVERY;

  @Option(
      names = "--points",
      paramLabel = "N",
      description = "points at once in a connection, 1 to 65536; default: ${DEFAULT-VALUE}")
  private int points = StreamOptions.DEFAULT.points();

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "at once, 1 to 256; default: ${DEFAULT-VALUE}")
  private int connections = StreamOptions.DEFAULT.connections();

  @Option(
      names = "--max-frame",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "as many pixels as a frame may have; default: 1920x1080")
  private PictureSize largest;

  @Option(
      names = "--timeout",
      paramLabel = "S",
      description = "seconds of silence that end a connection, 0.05 to 86400; default: 10")
  private double timeout = StreamOptions.DEFAULT.timeout().toSeconds();

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description =
          "working size; default: the frames', reduced to a long side of at most 640 and rounded"
              + " to multiples of 16")
  private PictureSize size;

  @Option(names = "--json", description = "print an object per event (java/cli/JSON.md)")
  private boolean json;

  @Mixin private ModelOptions model;
  @Mixin private LiveTuning tuning;
  @Mixin private AwakeOption awake;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter err = spec.commandLine().getErr();
    tuning.check();
    ListenAddress address = requireUsage();
    StreamOptions options =
        tokenFile == null ? options() : options().withToken(TokenFile.read(tokenFile));
    BackendProvider provider = model.provider(err);
    try (Interruption interruption =
            new Interruption(err, "the frames that were received are being answered");
        Weights weights = model.openWeights();
        Awake _ = awake.open(err);
        StreamServer server =
            new StreamServer(
                options,
                weights.architecture().name(),
                LiveEngine.opener(weights, provider, live()),
                this::ended)) {
      return address == null
          ? serveStandardStreams(server, interruption)
          : serveListening(server, options, address, interruption);
    }
  }

  /** What is wrong whatever the files hold. Returns null for standard input and output. */
  private ListenAddress requireUsage() {
    UsageException.check(this::options);
    if (listen.equals(STANDARD)) {
      requireStandardStreams();
      return null;
    }
    if (overFlight()) {
      UsageException.check(() -> StreamTransport.of(FLIGHT));
    }
    UsageException.check(this::address);
    ListenAddress address = address();
    if (tokenFile == null && !address.isLocal()) {
      throw new UsageException(
          "address is open to other machines: listen="
              + address
              + "; give --token-file, or listen on 127.0.0.1");
    }
    return address;
  }

  private boolean overFlight() {
    return listen.startsWith(FLIGHT + "://");
  }

  /** Flight's addresses are TCP's. */
  private ListenAddress address() {
    return ListenAddress.parse(overFlight() ? "tcp" + listen.substring(FLIGHT.length()) : listen);
  }

  private void requireStandardStreams() {
    if (json) {
      throw new UsageException(
          "there is no place for JSON: listen=-; standard output has the tracks, give an address");
    }
    if (tokenFile != null) {
      throw new UsageException(
          "nobody could give a token: listen=-; leave --token-file out, or give an address");
    }
    if (System.console() != null && System.console().isTerminal()) {
      throw new UsageException(
          "frames cannot be typed: listen=-; pipe an Arrow stream through, or give an address");
    }
  }

  /** Without a token. */
  private StreamOptions options() {
    if (!(timeout >= 0.05 && timeout <= 86400)) {
      throw new MoteException(
          "timeout is out of range: seconds=" + timeout + "; give 0.05 to 86400");
    }
    StreamOptions options =
        StreamOptions.DEFAULT
            .withPoints(points)
            .withPolicy(policy)
            .withConnections(listen.equals(STANDARD) ? 1 : connections)
            .withTimeout(Duration.ofMillis(Math.round(1e3 * timeout)));
    return largest == null ? options : options.withLargestFrame(largest.height(), largest.width());
  }

  private LiveOptions live() {
    LiveOptions live = tuning.apply(model.live()).withCapacity(points);
    return size == null ? live : live.withSize(size.height(), size.width());
  }

  private int serveStandardStreams(StreamServer server, Interruption interruption)
      throws InterruptedException {
    CompletableFuture<StreamReport> report = server.serveStandardStreams();
    while (!report.isDone() && !interruption.requested()) {
      Thread.sleep(POLL);
    }
    server.close(); // after an interruption: to the end of the frame
    if (interruption.requested()) {
      return Main.INTERRUPTED;
    }
    return report.join().error() == null ? 0 : Main.FAILED;
  }

  private int serveListening(
      StreamServer server, StreamOptions options, ListenAddress address, Interruption interruption)
      throws InterruptedException {
    if (!overFlight()) {
      return serveListening(server.listen(address).toString(), interruption);
    }
    try (StreamTransport.Listening flight =
        StreamTransport.of(FLIGHT).listen(server, options, address)) {
      String bound = FLIGHT + flight.address().toString().substring("tcp".length());
      int status = serveListening(bound, interruption);
      server.close(); // the calls end with their connections
      return status;
    }
  }

  private int serveListening(String bound, Interruption interruption) throws InterruptedException {
    spec.commandLine()
        .getErr()
        .printf(
            "mote: listening on %s: policy %s, %d points, %d connections at most%n",
            bound, policy.id(), points, connections);
    event("listening", Map.of("listen", bound));
    while (!interruption.requested()) {
      Thread.sleep(POLL);
    }
    return Main.INTERRUPTED;
  }

  /** Says how a connection went; from the connection's thread. */
  private void ended(StreamReport report) {
    spec.commandLine()
        .getErr()
        .printf(
            "mote: %s: %d frames, %d dropped%s%n",
            report.peer(),
            report.frames(),
            report.dropped(),
            report.error() == null ? "" : "; " + Untrusted.visible(report.error()));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("peer", report.peer());
    fields.put("frames", report.frames());
    fields.put("dropped", report.dropped());
    fields.put("error", report.error());
    event("ended", fields);
  }

  private synchronized void event(String name, Map<String, Object> fields) {
    if (!json) {
      return;
    }
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", name);
    event.putAll(fields);
    ScoreTable.printJsonLine(event, spec.commandLine().getOut());
  }
}
