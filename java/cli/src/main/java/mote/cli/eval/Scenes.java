package mote.cli.eval;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import mote.engine.FrameSource;
import mote.engine.MoteException;
import mote.engine.Safetensors;
import mote.media.Videos;

/**
 * The held-out synthetic clips of weights/heldout: {@code NN/clip.mp4} with the tracks of {@code
 * NN/truth.safetensors}; the protocol's picture is the clip's own.
 */
final class Scenes {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Scenes() {}

  /**
   * One clip.
   *
   * @param name of its folder
   */
  record Scene(String name, Clip clip, Truth truth) {}

  /** All clips of a folder, by name. */
  static List<Scene> open(Path folder) {
    List<Scene> scenes = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.list(folder)) {
        entries
            .filter(entry -> Files.exists(entry.resolve("truth.safetensors")))
            .sorted()
            .forEach(entry -> scenes.add(scene(entry)));
      } catch (IOException e) {
        throw new MoteException("folder cannot be read: folder=" + folder + "; check it", e);
      }
    }
    if (scenes.isEmpty()) {
      throw new MoteException(
          "no held-out clips: folder=" + folder + "; restore weights/heldout from the repository");
    }
    return scenes;
  }

  private static Scene scene(Path folder) {
    Path file = folder.resolve("truth.safetensors");
    Path video = folder.resolve("clip.mp4");
    try (Safetensors tensors = Safetensors.open(file);
        FrameSource source = Videos.open(video)) {
      long[] shape = tensors.tensor("tracks").shape();
      if (shape.length != 3 || shape[2] != 2) {
        throw new MoteException("tracks have another shape: file=" + file + "; give (T, P, 2)");
      }
      int frames = (int) shape[0];
      int points = (int) shape[1];
      float[] xy = floats(tensors, "tracks", file, frames * points * 2);
      float[] queries = floats(tensors, "queries", file, points * 3);
      int[] queryFrames = new int[points];
      float[] queryXy = new float[points * 2];
      for (int n = 0; n < points; n++) {
        queryFrames[n] = (int) queries[3 * n];
        queryXy[2 * n] = queries[3 * n + 1];
        queryXy[2 * n + 1] = queries[3 * n + 2];
      }
      Clip clip =
          new Clip(() -> Videos.open(video), source.height(), source.width(), queryFrames, queryXy);
      boolean[] visible = flags(tensors, "visible", file, frames * points);
      return new Scene(
          folder.getFileName().toString(), clip, new Truth(frames, points, xy, visible));
    }
  }

  private static float[] floats(Safetensors tensors, String name, Path file, int size) {
    return check(tensors.tensor(name), Safetensors.Type.F32, file, size).data().toArray(FLOAT);
  }

  private static boolean[] flags(Safetensors tensors, String name, Path file, int size) {
    Safetensors.Tensor tensor = check(tensors.tensor(name), Safetensors.Type.U8, file, size);
    boolean[] flags = new boolean[size];
    for (int i = 0; i < size; i++) {
      flags[i] = tensor.data().get(ValueLayout.JAVA_BYTE, i) != 0;
    }
    return flags;
  }

  private static Safetensors.Tensor check(
      Safetensors.Tensor tensor, Safetensors.Type type, Path file, int size) {
    if (tensor.type() != type || tensor.size() != size) {
      throw new MoteException(
          "truth has another form: file=%s, tensor=%s, type=%s, size=%d; expected %s of %d"
              .formatted(file, tensor.name(), tensor.type(), tensor.size(), type, size));
    }
    return tensor;
  }
}
