package mote.media;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import mote.engine.MoteException;

/** Opens what runs at its own pace: cameras, streams, files by their timestamps, filters. */
public final class LiveSources {
  private LiveSources() {}

  /**
   * Opens a source and waits for its first frame, at most for the options' time-out.
   *
   * <p>Frames of a file, of a stream with a length and of filters come when their timestamps say;
   * those of cameras and endless streams when they arrive. A camera or stream that breaks off is
   * opened again, with longer and longer waits, until the options' number of attempts in a row has
   * failed. A file or stream with a length just ends.
   *
   * @param log gets a sentence whenever the source breaks off and comes back, from another thread
   * @throws MoteException naming the source if it cannot be opened or gives no frame; a first
   *     attempt that fails is not repeated
   */
  public static LiveSource open(
      LiveAddress address, LiveSourceOptions options, Consumer<String> log) {
    Ffmpeg.load();
    if (address.kind() == LiveAddress.Kind.FILE) {
      requireFile(Path.of(address.target()));
    }
    return new CapturedSource(address, options, log);
  }

  private static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw new MoteException(
          "a folder has no pace of its own: path=%s; give a video, or use mote track"
              .formatted(file));
    }
    if (!Files.isReadable(file)) {
      throw new MoteException(
          "source does not exist or may not be read: file=%s; check path and permission"
              .formatted(file));
    }
  }
}
