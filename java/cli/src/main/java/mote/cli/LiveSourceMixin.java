package mote.cli;

import java.time.Duration;
import mote.media.FramePolicy;
import mote.media.LiveSourceOptions;
import picocli.CommandLine.Option;

/** How a live source is read. */
final class LiveSourceMixin {
  @Option(
      names = "--policy",
      paramLabel = "P",
      defaultValue = "latest",
      description = {
        "when frames come faster than they are tracked: latest (drop the older, and count them) or",
        "every (the source has to wait); default: ${DEFAULT-VALUE}"
      })
  private FramePolicy policy;

  @Option(
      names = "--timeout",
      paramLabel = "S",
      defaultValue = "10",
      description = "seconds of silence after which a stream has broken off; default: 10")
  private double timeout;

  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "times in a row to open it again, after 0.25, 0.5, 1, ... 8 s; default: ${DEFAULT-VALUE}")
  private int retries;

  @Option(
      names = "--camera-size",
      paramLabel = "WxH",
      converter = PictureSize.Converter.class,
      description = "size to ask a camera for; default: its own choice")
  private PictureSize cameraSize;

  @Option(
      names = "--camera-rate",
      paramLabel = "FPS",
      defaultValue = "0",
      description = "frames a second to ask a camera for; default: its own choice")
  private int cameraRate;

  /** As given. */
  LiveSourceOptions options() {
    Duration silence = Duration.ofMillis(Math.round(Math.clamp(timeout, 0, 1e6) * 1000));
    return LiveSourceOptions.DEFAULT
        .withPolicy(policy)
        .withTimeout(silence)
        .withRetries(retries, LiveSourceOptions.DEFAULT.backoff())
        .withCamera(
            cameraSize == null ? 0 : cameraSize.width(),
            cameraSize == null ? 0 : cameraSize.height(),
            cameraRate);
  }
}
