package mote.cli.live;

import java.nio.file.Path;
import mote.engine.live.LivePoints;
import mote.engine.track.io.TracksAppender;
import mote.media.LiveFrame;
import mote.media.LiveWindow;

/**
 * Where tracked frames go: a file of rows, a video of drawn frames, browsers, a window; each if it
 * is wanted.
 */
public final class LiveOutputs implements AutoCloseable {
  private final int capacity;
  private final int trail;
  private final StatusLine status;
  private TracksAppender tracks;
  private OverlayParts video;
  private OverlayServer server;
  private LiveWindow window;
  private LivePainter painter;

  /**
   * @param capacity points that are drawn at most
   * @param trail frames of trail behind a point
   * @param status gets a line for each video that is written
   */
  public LiveOutputs(int capacity, int trail, StatusLine status) {
    this.capacity = capacity;
    this.trail = trail;
    this.status = status;
  }

  /** Writes rows to a file, as {@link TracksAppender} does. */
  public void writeTracks(Path file, String model, int width, int height) {
    tracks = new TracksAppender(file, model, width, height);
  }

  /** Writes drawn frames to a video. */
  public void writeOverlay(Path file) {
    video = new OverlayParts(file, status);
  }

  /** Shows drawn frames to browsers. */
  public OverlayServer serve(int port) {
    server = new OverlayServer(port);
    return server;
  }

  /** Shows drawn frames in a window. */
  public void showWindow(String title, int height, int width) {
    window = LiveWindow.open(title, height, width);
  }

  /** The window, null where there is none. */
  LiveWindow window() {
    return window;
  }

  /** Whether a video of drawn frames was written. */
  public boolean hasOverlay() {
    return video != null && video.frames() > 0;
  }

  /** Frames have that size from now on. */
  void resize(int height, int width) {
    if (video != null || server != null || window != null) {
      if (painter == null) {
        painter = new LivePainter(capacity, trail);
      }
      painter.resize(height, width);
    }
  }

  /**
   * Writes the rows of a frame, draws on it and hands it on.
   *
   * @param numbers the points' numbers for people
   */
  void take(LiveFrame frame, LivePoints points, PointNumbers numbers) {
    if (tracks != null) {
      for (int row = 0; row < points.count(); row++) {
        tracks.append(
            frame.index(),
            frame.timestampNanos(),
            numbers.of(points.point(row)),
            points.x(row),
            points.y(row),
            points.visibility(row),
            points.confidence(row));
      }
    }
    if (painter == null) {
      return;
    }
    painter.draw(frame.picture(), points);
    if (video != null) {
      video.take(frame);
    }
    if (server != null) {
      server.take(frame);
    }
    if (window != null) {
      window.offer(frame.index(), frame.picture(), frame.height(), frame.width());
    }
  }

  /**
   * Ends the files and gives them their names.
   *
   * @return rows of tracks
   */
  public long finish() {
    long rows = 0;
    try {
      if (tracks != null && tracks.rows() > 0) {
        rows = tracks.finish();
      }
    } finally {
      if (video != null) {
        video.finish();
      }
    }
    return rows;
  }

  @Override
  public void close() {
    if (tracks != null) {
      tracks.close();
    }
    if (video != null) {
      video.close();
    }
    if (server != null) {
      server.close();
    }
    if (window != null) {
      window.close();
    }
  }
}
