package mote.engine.track;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import mote.engine.AtomicFile;
import mote.engine.MoteException;
import mote.engine.Plan;
import mote.engine.Untrusted;

/** Queries from text, a points file or a grid; lists are unmodifiable and in the order given. */
public final class Queries {
  /** Rows and columns of a grid at most: {@link Plan#MOST_POINTS} points. */
  public static final int LARGEST_GRID = 256;

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,4})?");
  private static final Pattern FRAME = Pattern.compile("\\d{1,18}");
  private static final int LONGEST_NUMBER = 40;

  private Queries() {}

  /** As {@link #parse(String, long)}; points that name no frame start on frame 0. */
  public static List<Query> parse(String text) {
    return parse(text, 0);
  }

  /**
   * Reads {@code x,y[@frame];...}, for example {@code 10,20; 30.5,40@12}. Spaces and a {@code ;} at
   * the end are allowed.
   *
   * @param defaultFrame of points that name none, from 0
   */
  public static List<Query> parse(String text, long defaultFrame) {
    List<Query> queries = new ArrayList<>();
    for (String part : text.split(";", Plan.MOST_POINTS + 2)) {
      String point = part.strip();
      if (point.isEmpty()) {
        continue;
      }
      String[] place = point.split("@", -1);
      String[] xy = place[0].split(",", -1);
      if (place.length > 2 || xy.length != 2) {
        throw malformed(queries.size(), point);
      }
      Float x = number(xy[0]);
      Float y = number(xy[1]);
      Long frame = place.length == 2 ? frame(place[1]) : Long.valueOf(defaultFrame);
      if (x == null || y == null || frame == null) {
        throw malformed(queries.size(), point);
      }
      queries.add(new Query(frame, x, y));
      refuseTooMany(queries.size(), "--points");
    }
    if (queries.isEmpty()) {
      throw new MoteException(
          "no point is given: points="
              + Untrusted.quote(text)
              + "; write x,y or x,y@frame, separated by ;");
    }
    return List.copyOf(queries);
  }

  /** As {@link #read(Path, long)}; points of a file without frames start on frame 0. */
  public static List<Query> read(Path csv) {
    return read(csv, 0);
  }

  /**
   * Reads a points file: CSV in UTF-8 with the header {@code x,y} or {@code x,y,frame}; blank lines
   * and lines that begin with # are skipped.
   *
   * @param defaultFrame of the points of a file without frames, from 0
   * @throws MoteException naming the file and, where one is to blame, the line
   */
  public static List<Query> read(Path csv, long defaultFrame) {
    return PointsFile.read(csv, defaultFrame);
  }

  /** Writes a points file that {@link #read} returns equal queries from; atomic. */
  public static void write(Path csv, List<Query> queries) {
    AtomicFile.write(csv, temporary -> PointsFile.write(temporary, queries));
  }

  /**
   * n rows of n points, evenly spaced: {@code x = (i + 0.5) * width / n - 0.5}, the middle of the
   * i-th of n equal columns, and y likewise; row by row from the top.
   *
   * @param n from 1 to the smaller of width, height and 256
   */
  public static List<Query> grid(int n, long frame, int width, int height) {
    int most = Math.min(LARGEST_GRID, Math.min(width, height));
    if (n < 1 || n > most) {
      throw new MoteException(
          "grid does not fit the picture: n=%d, width=%d, height=%d; give 1 to %d"
              .formatted(n, width, height, most));
    }
    List<Query> queries = new ArrayList<>(n * n);
    for (int row = 0; row < n; row++) {
      for (int column = 0; column < n; column++) {
        float x = (float) ((column + 0.5) * width / n - 0.5);
        float y = (float) ((row + 0.5) * height / n - 0.5);
        queries.add(new Query(frame, x, y));
      }
    }
    return List.copyOf(queries);
  }

  /**
   * Refuses queries outside of the video.
   *
   * @param frames of the video, or -1 where that is not known yet
   * @throws MoteException naming the first point (counted from 0) whose pixel or frame the video
   *     does not have
   */
  public static void check(List<Query> queries, int width, int height, long frames) {
    for (int point = 0; point < queries.size(); point++) {
      Query query = queries.get(point);
      float x = query.x();
      float y = query.y();
      if (!(x >= 0 && x <= width - 1 && y >= 0 && y <= height - 1)) {
        throw new MoteException(
            "point lies outside the picture: point=%d, x=%s, y=%s, width=%d, height=%d; give 0 <= x <= %d and 0 <= y <= %d"
                .formatted(point, x, y, width, height, width - 1, height - 1));
      }
      if (frames >= 0 && query.frame() >= frames) {
        throw new MoteException(
            "point starts past the end of the video: point=%d, frame=%d, frames=%d; give 0 <= frame <= %d"
                .formatted(point, query.frame(), frames, frames - 1));
      }
    }
  }

  /** A finite decimal number, or null. */
  static Float number(String text) {
    String number = text.strip();
    if (number.length() > LONGEST_NUMBER || !NUMBER.matcher(number).matches()) {
      return null;
    }
    float value = Float.parseFloat(number);
    return Float.isFinite(value) ? value : null;
  }

  /** A frame index, or null. */
  static Long frame(String text) {
    String number = text.strip();
    return FRAME.matcher(number).matches() ? Long.valueOf(number) : null;
  }

  static void refuseTooMany(int points, String from) {
    if (points > Plan.MOST_POINTS) {
      throw new MoteException(
          "too many points: from=" + from + "; give at most " + Plan.MOST_POINTS);
    }
  }

  private static MoteException malformed(int point, String text) {
    return new MoteException(
        "point is malformed: point="
            + point
            + ", text="
            + Untrusted.quote(text)
            + "; write x,y or x,y@frame, separated by ;");
  }
}
