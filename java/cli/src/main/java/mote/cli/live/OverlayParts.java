package mote.cli.live;

import java.nio.file.Path;
import mote.media.LiveFrame;
import mote.media.VideoWriter;

/**
 * A video of the drawn frames; where their size changes, another one goes on: {@code o.mp4}, {@code
 * o-2.mp4}, ... Frames wait for the encoder: each that was tracked is in it.
 */
final class OverlayParts implements AutoCloseable {
  private final Path file;
  private final StatusLine status;
  private VideoWriter writer;
  private int parts;
  private long frames;
  private int height;
  private int width;

  OverlayParts(Path file, StatusLine status) {
    this.file = file;
    this.status = status;
  }

  void take(LiveFrame frame) {
    if (writer == null || frame.height() != height || frame.width() != width) {
      finish();
      height = frame.height();
      width = frame.width();
      parts++;
      writer = VideoWriter.create(part(file, parts), height, width);
    }
    writer.write(frame.picture(), frame.timestampNanos());
    frames++;
  }

  /** Frames in all parts. */
  long frames() {
    return frames;
  }

  /** {@code o.mp4} for the first, {@code o-2.mp4} for the second. */
  static Path part(Path file, int number) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return number == 1
        ? file
        : file.resolveSibling(name.substring(0, dot) + "-" + number + name.substring(dot));
  }

  /** Ends the video that is being written. */
  void finish() {
    if (writer == null) {
      return;
    }
    try (VideoWriter ending = writer) {
      writer = null;
      if (ending.finishEarly() > 0) {
        status.say("wrote " + part(file, parts));
      }
    }
  }

  /** Removes a video that was not finished. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }
}
