package mote.engine;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Files that appear whole under their name or not at all. */
public final class AtomicFile {
  /** Writes the whole content to a file that does not exist yet. */
  @FunctionalInterface
  public interface Content {
    void writeTo(Path temporary) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file under a temporary name in the same folder and renames it when it is complete.
   *
   * @param path the final name; an earlier file of that name is replaced
   * @throws MoteException if it cannot be written; nothing is left behind and an earlier file of
   *     that name is untouched
   */
  public static void write(Path path, Content content) {
    Path temporary = temporary(path);
    try {
      content.writeTo(temporary);
      rename(temporary, path);
    } catch (IOException error) {
      throw failure(path, error);
    } finally {
      delete(temporary);
    }
  }

  /** A hidden name in the same folder, for content that is written over a long time. */
  public static Path temporary(Path path) {
    return path.resolveSibling("." + path.getFileName() + "." + UUID.randomUUID());
  }

  /** What {@link #write} throws. */
  public static MoteException failure(Path path, IOException error) {
    return new MoteException(
        "file cannot be written: path="
            + path
            + ", cause="
            + cause(error)
            + "; check that the folder exists, may be written and has space",
        error);
  }

  /** Gives complete content its final name; an earlier file of that name is replaced. */
  public static void rename(Path temporary, Path path) throws IOException {
    try {
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException unsupported) {
      Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Deletes what is under a temporary name, if anything is. */
  public static void delete(Path temporary) {
    try {
      if (Files.exists(temporary)) { // where the folder is none, deleting would be an error too
        Files.deleteIfExists(temporary);
      }
    } catch (IOException error) {
      throw new MoteException(
          "temporary file cannot be deleted: path=" + temporary + "; delete it", error);
    }
  }

  /** The kind of failure in words: what an IOException of the file system says is often a path. */
  static String cause(IOException error) {
    String kind = error.getClass().getSimpleName().replace("Exception", "");
    return kind.equals("IO") ? String.valueOf(error.getMessage()) : kind;
  }
}
