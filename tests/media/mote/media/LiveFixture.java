package mote.media;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.AfterEach;

/** Web servers of streams, clips from the bundled ffmpeg, and what sources said. */
abstract class LiveFixture extends MediaFixture {
  static final long SOON = TimeUnit.SECONDS.toNanos(10);

  static final LiveSourceOptions EVERY =
      LiveSourceOptions.DEFAULT
          .withPolicy(FramePolicy.EVERY)
          .withRetries(3, Duration.ofMillis(20))
          .withTimeout(Duration.ofSeconds(5));

  final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final List<StreamServer> servers = new ArrayList<>();

  @AfterEach
  void stopServers() {
    servers.forEach(StreamServer::close);
  }

  LiveSource open(String address, LiveSourceOptions options) {
    if (address.startsWith("lavfi:")) {
      Devices.require();
    }
    return LiveSources.open(LiveAddress.parse(address), options, said::add);
  }

  /** A frame that has to come. */
  static LiveFrame next(LiveSource source) {
    LiveFrame frame = source.next(SOON);
    if (frame == null) {
      throw new AssertionError("no frame: over=" + source.isOver());
    }
    return frame;
  }

  /** Serves a stream without a length on loopback and says its URL. */
  String serve(String type, StreamServer.Answer answer) throws IOException {
    StreamServer server = new StreamServer(type, answer);
    servers.add(server);
    return server.url();
  }

  /** Runs the bundled ffmpeg to its end and returns the file that it wrote. */
  Path ffmpeg(String name, String... arguments) throws IOException, InterruptedException {
    Devices.require();
    Path file = folder.resolve(name);
    List<String> command = new ArrayList<>();
    command.add(Loader.load(org.bytedeco.ffmpeg.ffmpeg.class));
    command.addAll(List.of("-hide_banner", "-loglevel", "error", "-y"));
    command.addAll(List.of(arguments));
    command.add(file.toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("ffmpeg.txt").toFile());
    String libraries = Path.of(command.get(0)).getParent().toString();
    builder.environment().put("LD_LIBRARY_PATH", libraries);
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError(Files.readString(folder.resolve("ffmpeg.txt")));
    }
    return file;
  }

  /** A second of moving pictures as an MPEG transport stream, 25 frames. */
  Path transportStream(String name, String size) throws IOException, InterruptedException {
    return ffmpeg(
        name,
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=" + size + ":rate=25:duration=1",
        "-c:v",
        "mpeg2video",
        "-g",
        "5",
        "-f",
        "mpegts");
  }
}
