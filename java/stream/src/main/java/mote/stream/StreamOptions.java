package mote.stream;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import mote.engine.MoteException;
import mote.engine.Plan;

/**
 * How streams are served, and the limits that every peer is held to. All memory is allocated for
 * them at open.
 *
 * @param points live at once in a connection, 1 to 65536
 * @param policy where frames come faster than they are tracked
 * @param connections at once, 1 to 256; each has a tracker of its own
 * @param largestHeight rows of a frame, 1 to 8192; with {@code largestWidth} the bytes of a frame
 *     at most, in whatever shape
 * @param largestWidth columns of a frame, 1 to 8192
 * @param timeout for which a peer may be silent, or not take what it is sent; 50 ms to a day
 * @param token that peers must give, null for none; {@value #SHORTEST_TOKEN} to {@value
 *     #LONGEST_TOKEN} bytes of UTF-8
 */
public record StreamOptions(
    int points,
    Policy policy,
    int connections,
    int largestHeight,
    int largestWidth,
    Duration timeout,
    String token) {
  public static final int SHORTEST_TOKEN = 16;
  public static final int LONGEST_TOKEN = 1024;

  /** 64 points, every frame, 4 connections, 1920x1080, 10 s, no token. */
  public static final StreamOptions DEFAULT =
      new StreamOptions(64, Policy.EVERY, 4, 1080, 1920, Duration.ofSeconds(10), null);

  /** Bytes of all connections' slabs together at most: they are there from the start. */
  static final long MOST_SLAB_BYTES = 1L << 32;

  /** Rows of a record batch at most. */
  static final int MOST_ROWS = 256;

  /** Bytes of a message's metadata at most. */
  static final int METADATA_BYTES = 1 << 16;

  public StreamOptions {
    range("points", points, 1, Plan.MOST_POINTS);
    range("connections", connections, 1, 256);
    range("largest_height", largestHeight, 1, Plan.LARGEST);
    range("largest_width", largestWidth, 1, Plan.LARGEST);
    if (timeout.toMillis() < 50 || timeout.compareTo(Duration.ofDays(1)) > 0) {
      throw new MoteException(
          "timeout is out of range: seconds=%s; give 0.05 to 86400"
              .formatted(timeout.toMillis() / 1e3));
    }
    if (token != null) {
      int bytes = token.getBytes(StandardCharsets.UTF_8).length;
      if (bytes < SHORTEST_TOKEN || bytes > LONGEST_TOKEN) {
        throw new MoteException(
            "token has the wrong length: bytes=%d; give %d to %d"
                .formatted(bytes, SHORTEST_TOKEN, LONGEST_TOKEN));
      }
    }
  }

  public StreamOptions withPoints(int points) {
    return new StreamOptions(
        points, policy, connections, largestHeight, largestWidth, timeout, token);
  }

  public StreamOptions withPolicy(Policy policy) {
    return new StreamOptions(
        points, policy, connections, largestHeight, largestWidth, timeout, token);
  }

  public StreamOptions withConnections(int connections) {
    return new StreamOptions(
        points, policy, connections, largestHeight, largestWidth, timeout, token);
  }

  public StreamOptions withLargestFrame(int height, int width) {
    return new StreamOptions(points, policy, connections, height, width, timeout, token);
  }

  public StreamOptions withTimeout(Duration timeout) {
    return new StreamOptions(
        points, policy, connections, largestHeight, largestWidth, timeout, token);
  }

  public StreamOptions withToken(String token) {
    return new StreamOptions(
        points, policy, connections, largestHeight, largestWidth, timeout, token);
  }

  /** Bytes of a picture at most. */
  int frameBytes() {
    return 3 * largestHeight * largestWidth;
  }

  /** Refuses what no machine should be asked for, before anything is allocated. */
  void requireMemory() {
    long bytes = (long) connections * policy.batches() * bodyBytes();
    if (bytes > MOST_SLAB_BYTES) {
      throw new MoteException(
          "memory for streams is too large: connections=%d, frame_bytes=%d, bytes=%d; keep it under %d with fewer connections or smaller frames"
              .formatted(connections, frameBytes(), bytes, MOST_SLAB_BYTES));
    }
  }

  /** Commands of a record batch at most: enough to replace every point. */
  int commands() {
    return 2 * points + 64;
  }

  /** Refuses an address that others than this machine's programs can connect to without a token. */
  public void requireToken(ListenAddress where) {
    if (token == null && !where.isLocal()) {
      throw new MoteException(
          "address is open to other machines: listen=%s; give a token, or listen on 127.0.0.1"
              .formatted(where));
    }
  }

  /** Bytes of a message at most, its metadata included. */
  public int messageBytes() {
    return bodyBytes() + METADATA_BYTES;
  }

  /** Bytes of a record batch's body at most: one largest frame, all commands, padding. */
  int bodyBytes() {
    int rows = 64 * MOST_ROWS; // 34 of each row, and padding
    int ofCommands = 64 * commands(); // 33 of each, and padding
    return frameBytes() + rows + ofCommands + (1 << 12);
  }

  @Override
  public String toString() {
    String secret = token == null ? "none" : "given";
    return "StreamOptions[points=%d, policy=%s, connections=%d, frame=%dx%d, timeout=%s, token=%s]"
        .formatted(points, policy.id(), connections, largestWidth, largestHeight, timeout, secret);
  }

  private static void range(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new MoteException(
          "stream's size is out of range: %s=%d; give %d to %d"
              .formatted(name, value, least, most));
    }
  }
}
