package mote.media;

import java.time.Duration;
import mote.engine.MoteException;

/**
 * How a live source is read.
 *
 * @param policy when frames come faster than they are taken
 * @param timeout longest silence of a stream or camera, and longest time until its first frame;
 *     from 0.1 s to an hour
 * @param retries how often in a row a stream or camera that broke off is opened again, 0 to 1000
 * @param backoff wait before the first of them, 1 ms to a minute; it doubles from one to the next,
 *     up to {@link #LONGEST_BACKOFF}
 * @param cameraWidth columns to ask a camera for, 0 with the height for the camera's own choice
 * @param cameraHeight rows, likewise
 * @param cameraRate frames a second to ask a camera for, 0 for its own choice
 */
public record LiveSourceOptions(
    FramePolicy policy,
    Duration timeout,
    int retries,
    Duration backoff,
    int cameraWidth,
    int cameraHeight,
    int cameraRate) {
  /** No wait between two attempts is longer. */
  public static final Duration LONGEST_BACKOFF = Duration.ofSeconds(8);

  /** The newest frame, 10 s of silence, 8 attempts after 0.25, 0.5, 1, 2, 4, 8, 8 and 8 s. */
  public static final LiveSourceOptions DEFAULT =
      new LiveSourceOptions(
          FramePolicy.LATEST, Duration.ofSeconds(10), 8, Duration.ofMillis(250), 0, 0, 0);

  private static final int LARGEST_SIDE = 8192;

  public LiveSourceOptions {
    range("timeout_ms", timeout.toMillis(), 100, 3_600_000);
    range("retries", retries, 0, 1000);
    range("backoff_ms", backoff.toMillis(), 1, 60_000);
    range("camera_width", cameraWidth, 0, LARGEST_SIDE);
    range("camera_height", cameraHeight, 0, LARGEST_SIDE);
    range("camera_rate", cameraRate, 0, 1000);
    if ((cameraWidth == 0) != (cameraHeight == 0)) {
      throw new MoteException(
          "camera's size is half given: width=%d, height=%d; give both or none"
              .formatted(cameraWidth, cameraHeight));
    }
  }

  /** The same with another policy. */
  public LiveSourceOptions withPolicy(FramePolicy other) {
    return new LiveSourceOptions(
        other, timeout, retries, backoff, cameraWidth, cameraHeight, cameraRate);
  }

  /** The same with another longest silence. */
  public LiveSourceOptions withTimeout(Duration other) {
    return new LiveSourceOptions(
        policy, other, retries, backoff, cameraWidth, cameraHeight, cameraRate);
  }

  /** The same with another number of attempts and another first wait. */
  public LiveSourceOptions withRetries(int number, Duration firstWait) {
    return new LiveSourceOptions(
        policy, timeout, number, firstWait, cameraWidth, cameraHeight, cameraRate);
  }

  /** The same with what to ask a camera for. */
  public LiveSourceOptions withCamera(int width, int height, int rate) {
    return new LiveSourceOptions(policy, timeout, retries, backoff, width, height, rate);
  }

  private static void range(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new MoteException(
          "live source's option is out of range: %s=%d; give %d to %d"
              .formatted(name, value, least, most));
    }
  }
}
