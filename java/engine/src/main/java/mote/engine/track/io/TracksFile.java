package mote.engine.track.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import mote.engine.AtomicFile;
import mote.engine.MoteException;
import mote.engine.track.TrackRows;

/**
 * Files of tracks. The suffix says which form: {@code .arrow} ({@link ArrowTracks}), {@code .csv}
 * ({@link CsvTracks}), {@code .json} ({@link JsonTracks}) or {@code .npz} ({@link NpzTracks}). Rows
 * are in the order of frames, within a frame in that of points; memory does not grow with their
 * number.
 */
public final class TracksFile {
  private static final int BUFFER = 1 << 16;

  private TracksFile() {}

  /** Writes rows to a stream, which the caller closes in any case. */
  @FunctionalInterface
  private interface Form {
    void write(TrackRows rows, OutputStream out) throws IOException;
  }

  /**
   * Writes a whole file under a temporary name and renames it; a file that was there before stays
   * until then.
   *
   * @throws MoteException if the suffix is unknown, the folder cannot be written or the disk is
   *     full
   */
  public static void write(Path path, TrackRows rows) {
    Form form = form(path);
    AtomicFile.write(
        path,
        temporary -> {
          try (OutputStream out =
              new BufferedOutputStream(
                  Files.newOutputStream(
                      temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                  BUFFER)) {
            form.write(rows, out);
          }
        });
  }

  /**
   * Refuses a name that says no form of file.
   *
   * @throws MoteException if the suffix is unknown
   */
  public static void requireSuffix(Path path) {
    form(path);
  }

  /**
   * Refuses a path that {@link #write} could not write to, before the work of tracking is done.
   *
   * @throws MoteException if the suffix is unknown or the folder is missing or cannot be written
   */
  public static void check(Path path) {
    form(path);
    Path folder = path.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new MoteException(
          "output folder cannot be written: path=%s, folder=%s; create it or choose another"
              .formatted(path, folder));
    }
    if (Files.isDirectory(path)) {
      throw new MoteException("output is a folder: path=" + path + "; name a file in it");
    }
  }

  private static Form form(Path path) {
    String name = String.valueOf(path.getFileName());
    String suffix =
        name.contains(".")
            ? name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT)
            : "";
    return switch (suffix) {
      case "arrow" -> ArrowTracks::write;
      case "csv" -> CsvTracks::write;
      case "json" -> JsonTracks::write;
      case "npz" -> NpzTracks::write;
      default ->
          throw new MoteException(
              "suffix of the tracks' file is unknown: path="
                  + path
                  + "; end it in .arrow, .csv, .npz or .json");
    };
  }
}
