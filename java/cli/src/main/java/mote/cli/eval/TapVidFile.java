package mote.cli.eval;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * Videos of TAP-Vid as they are published: pickles of a dict or a list of {@code {video, points,
 * occluded}} (DAVIS, RGB-Stacking, RoboTAP; Kinetics with frames in JPEG), or {@code .npz} files of
 * one video each. Files are mapped: of each video only the frame at hand is in memory, but for npz
 * files, of which the video at hand is.
 */
final class TapVidFile implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final List<TapVidVideo> videos = new ArrayList<>();

  private TapVidFile() {}

  /**
   * Opens a file, or all {@code .pkl} and {@code .npz} files of a folder by name.
   *
   * @throws MoteException if there is none, or one is anything else
   */
  static TapVidFile open(Path path) {
    TapVidFile opened = new TapVidFile();
    try {
      for (Path file : files(path)) {
        opened.add(file);
      }
      return opened;
    } catch (IOException e) {
      opened.close();
      throw new MoteException(
          "file cannot be read: file=%s, cause=%s; check the path".formatted(path, e), e);
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  List<TapVidVideo> videos() {
    return videos;
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> entries = Files.list(path)) {
      List<Path> files =
          entries.filter(file -> file.toString().matches(".*\\.(pkl|npz)")).sorted().toList();
      if (files.isEmpty()) {
        throw new MoteException(
            "no videos of TAP-Vid: folder=" + path + "; it must hold .pkl or .npz files");
      }
      return files;
    }
  }

  private void add(Path file) throws IOException {
    MemorySegment bytes;
    try (FileChannel channel = FileChannel.open(file)) {
      bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
    if (bytes.byteSize() > 2 && bytes.get(ValueLayout.JAVA_BYTE, 0) == 'P') {
      videos.add(new NpzFile(file).video());
      return;
    }
    PickleCalls data = new PickleCalls(bytes, arena);
    int before = videos.size();
    named(Pickle.read(file, bytes, arena))
        .forEach((name, value) -> videos.add(video(file + ":" + name, value, data)));
    if (videos.size() == before) {
      throw new MoteException("file has no video: file=" + file + "; give one of TAP-Vid's");
    }
  }

  /** The videos by name; those of a list by number. */
  private static Map<String, Object> named(Object root) {
    Map<String, Object> named = new LinkedHashMap<>();
    if (root instanceof Map<?, ?> dict) {
      dict.forEach((name, value) -> named.put(Untrusted.printable((String) name), value));
    } else if (root instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        named.put(Integer.toString(i), list.get(i));
      }
    }
    return named;
  }

  private static TapVidVideo video(String name, Object value, PickleCalls data) {
    if (!(value instanceof Map<?, ?> dict)) {
      throw refused(name, "no dict");
    }
    try {
      Object video = dict.get("video");
      NumpyArray points = array(name, "points", dict.get("points"));
      NumpyArray occluded = array(name, "occluded", dict.get("occluded"));
      TapVidPictures pictures =
          video instanceof PickleValue.Array array && array.array != null && !isJpeg(array.array)
              ? raw(name, array.array)
              : TapVidPictures.ofJpeg(jpegs(name, video, data));
      return tracks(name, pictures, points, occluded);
    } catch (IllegalArgumentException | Pickle.RefusedException e) {
      throw refused(name, e.getMessage());
    }
  }

  /** Checks that tracks and pictures fit. */
  static TapVidVideo tracks(
      String name, TapVidPictures pictures, NumpyArray points, NumpyArray occluded) {
    return tracks(name, () -> pictures, pictures.frames(), points, occluded);
  }

  /** The same, of pictures that are opened later. */
  static TapVidVideo tracks(
      String name,
      java.util.function.Supplier<TapVidPictures> pictures,
      int frames,
      NumpyArray points,
      NumpyArray occluded) {
    boolean forms =
        (points.is("f4", 3) || points.is("f8", 3))
            && points.shape()[2] == 2
            && (occluded.is("b1", 2) || occluded.is("u1", 2));
    if (!forms
        || frames < 1
        || points.shape()[1] != frames
        || occluded.shape()[1] != frames
        || occluded.shape()[0] != points.shape()[0]) {
      throw refused(
          name,
          "frames %d, points %s, occluded %s".formatted(frames, points.form(), occluded.form()));
    }
    return new TapVidVideo(
        name, pictures, frames, points.shape()[0], points.floats(), occluded.flags());
  }

  /** Whether pictures of this form can be read as they are. */
  static boolean isVideo(String type, int[] shape) {
    return type.equals("u1")
        && shape.length == 4
        && shape[3] == 3
        && Math.min(shape[1], shape[2]) >= 1
        && Math.max(shape[1], shape[2]) <= TapVidPictures.LARGEST;
  }

  private static TapVidPictures raw(String name, NumpyArray video) {
    if (!isVideo(video.type(), video.shape()) || !video.inOrder()) {
      throw refused(
          name, "video " + video.form() + (video.inOrder() ? "" : " in another order than C's"));
    }
    return TapVidPictures.of(video);
  }

  private static boolean isJpeg(NumpyArray array) {
    return array.is("S", 1);
  }

  /** JPEG files: an array of byte strings or of objects, a list or a tuple. */
  private static List<MemorySegment> jpegs(String name, Object video, PickleCalls data) {
    List<MemorySegment> files = new ArrayList<>();
    List<?> items =
        switch (video) {
          case List<?> list -> list;
          case PickleValue.Tuple tuple -> tuple.items();
          case PickleValue.Array array when array.items != null -> array.items;
          case PickleValue.Array array when array.array != null -> {
            for (int i = 0; i < array.array.shape()[0]; i++) {
              files.add(array.array.entry(i));
            }
            yield List.of();
          }
          case null, default -> List.of();
        };
    for (Object item : items) {
      if (!(item instanceof PickleValue.Bytes bytes)) {
        throw refused(name, "a frame that is no bytes");
      }
      files.add(data.data(bytes));
    }
    if (files.isEmpty()) {
      throw refused(name, "no frames");
    }
    return files;
  }

  private static NumpyArray array(String name, String key, Object value) {
    if (!(value instanceof PickleValue.Array array) || array.array == null) {
      throw refused(name, "no array " + key);
    }
    return array.array;
  }

  static MoteException refused(String name, String found) {
    return new MoteException(
        "not a video of TAP-Vid: video=%s, found=%s; needed are video uint8 (T, H, W, 3) or T JPEG files, points float (N, T, 2), occluded bool (N, T)"
            .formatted(name, found));
  }
}
