package mote.cli.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mote.cli.Home;
import mote.cli.eval.TapVidVideo.QueryMode;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that Python wrote, and the scores that numpy has of them: tests/cli/tapvid/make.py. */
class TapVidTest {
  private static final Path FILES = Home.file("tests/cli/tapvid");

  /** Sum of all bytes of the first video's pictures. */
  private static final long SUM = 1470732;

  @TempDir Path folder;

  /** Leaves the query by (0.75, -0.5) pixels a frame; hidden on every third. */
  private static Estimate drift(Clip clip, int frames) {
    int points = clip.points();
    float[] xy = new float[frames * points * 2];
    boolean[] visible = new boolean[frames * points];
    for (int frame = 0; frame < frames; frame++) {
      for (int n = 0; n < points; n++) {
        int since = Math.max(0, frame - clip.queryFrames()[n]);
        int at = frame * points + n;
        xy[2 * at] = clip.queries()[2 * n] + 0.75f * since;
        xy[2 * at + 1] = clip.queries()[2 * n + 1] - 0.5f * since;
        visible[at] = (since + n) % 3 != 0;
      }
    }
    return new Estimate(frames, points, xy, visible);
  }

  private static final Method DRIFT =
      new Method() {
        @Override
        public String id() {
          return "drift";
        }

        @Override
        public Estimate track(Clip clip) {
          return drift(clip, pictures(clip).size());
        }
      };

  private static List<byte[]> pictures(Clip clip) {
    List<byte[]> pictures = new java.util.ArrayList<>();
    try (FrameSource source = clip.frames().get();
        RootAllocator allocator = new RootAllocator();
        Frames batch = new Frames(allocator, source.height(), source.width(), 1)) {
      while (source.read(batch) > 0) {
        pictures.add(batch.picture(0).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return pictures;
  }

  @ParameterizedTest
  @CsvSource({
    "FIRST, zero, delta_avg_visible, 33.030303",
    "FIRST, zero, average_jaccard, 19.092378",
    "FIRST, zero, occlusion_accuracy, 69.191271",
    "FIRST, zero, mean_px_visible, 8.530298",
    "FIRST, zero, median_px_visible, 8.060713",
    "FIRST, zero, survival_16px_visible, 92.045455",
    "FIRST, drift, delta_avg_visible, 28.787879",
    "FIRST, drift, average_jaccard, 13.265393",
    "FIRST, drift, occlusion_accuracy, 57.830552",
    "FIRST, drift, mean_px_visible, 9.246484",
    "FIRST, drift, median_px_visible, 10.201689",
    "FIRST, drift, survival_16px_visible, 92.424242",
    "STRIDED, zero, delta_avg_visible, 42.000000",
    "STRIDED, zero, average_jaccard, 25.523502",
    "STRIDED, zero, occlusion_accuracy, 70.211039",
    "STRIDED, zero, mean_px_visible, 6.806657",
    "STRIDED, zero, median_px_visible, 6.422778",
    "STRIDED, zero, survival_16px_visible, 95.454545",
    "STRIDED, drift, delta_avg_visible, 38.166667",
    "STRIDED, drift, average_jaccard, 20.509712",
    "STRIDED, drift, occlusion_accuracy, 57.873377",
    "STRIDED, drift, mean_px_visible, 7.324991",
    "STRIDED, drift, median_px_visible, 7.753726",
    "STRIDED, drift, survival_16px_visible, 96.861472",
  })
  void scoresAreNumpys(QueryMode mode, String method, String metric, double expected) {
    try (TapVidFile file = TapVidFile.open(FILES.resolve("davis-4.pkl"))) {
      List<Score> scores =
          new TapVid(file.videos(), mode).scores(method.equals("zero") ? Baseline.ZERO : DRIFT);
      Map<String, Double> values =
          scores.stream().collect(Collectors.toMap(Score::metric, Score::value));
      assertEquals(expected, values.get(metric), 1e-4, values.toString());
      assertTrue(values.keySet().stream().noneMatch(name -> name.contains("hidden")));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "davis-2.pkl",
        "davis-3.pkl",
        "davis-4.pkl",
        "davis-5.pkl",
        "drift.npz",
        "drift-deflated.npz",
        "kinetics.pkl"
      })
  void everyFormHoldsTheSame(String name) {
    boolean jpeg = name.startsWith("kinetics");
    try (TapVidFile file = TapVidFile.open(FILES.resolve(name))) {
      assertEquals(jpeg ? 3 : name.endsWith("npz") ? 1 : 2, file.videos().size());
      TapVidVideo.Test expected;
      try (TapVidFile plain = TapVidFile.open(FILES.resolve("davis-4.pkl"))) {
        expected = plain.videos().get(0).test(QueryMode.STRIDED);
      }
      for (TapVidVideo video : file.videos().subList(0, jpeg ? 3 : 1)) {
        TapVidVideo.Test test = video.test(QueryMode.STRIDED);
        assertArrayEquals(expected.truth().xy(), test.truth().xy(), 1e-4f);
        assertArrayEquals(expected.truth().visible(), test.truth().visible());
        assertArrayEquals(expected.clip().queryFrames(), test.clip().queryFrames());
        List<byte[]> pictures = pictures(test.clip());
        assertEquals(12, pictures.size());
        long sum = 0;
        for (byte[] picture : pictures) {
          assertEquals(16 * 20 * 3, picture.length);
          for (byte value : picture) {
            sum += value & 0xff;
          }
        }
        assertEquals(SUM, sum, jpeg ? SUM / 100.0 : 0);
        int[] rgb = {126, 163, 200};
        for (int c = 0; c < 3; c++) {
          int value = pictures.get(11)[(3 * 20 + 7) * 3 + c] & 0xff;
          assertEquals(rgb[c], value, jpeg ? 25 : 0);
        }
        List<byte[]> reversed = pictures(test.reversed());
        for (int frame = 0; frame < 12; frame++) {
          assertArrayEquals(pictures.get(frame), reversed.get(11 - frame));
        }
      }
    }
  }

  @Test
  void fortranOrderIsRead() {
    try (TapVidFile file = TapVidFile.open(FILES.resolve("davis-5.pkl"));
        TapVidFile old = TapVidFile.open(FILES.resolve("davis-2.pkl"))) {
      TapVidVideo video = file.videos().get(1); // its points were stored in Fortran order
      assertTrue(video.name().endsWith("davis-5.pkl:other"), video.name());
      assertArrayEquals(old.videos().get(1).xy(), video.xy());
      // Truth is smooth in time: in the wrong order it would jump.
      for (int i = 2; i < video.frames() * 2; i++) {
        assertTrue(Math.abs(video.xy()[i] - video.xy()[i - 2]) < 0.03, "i=" + i);
      }
    }
  }

  @Test
  void axesInAnyOrderAreRead() {
    try (TapVidFile file = TapVidFile.open(FILES.resolve("swapped.pkl"));
        TapVidFile plain = TapVidFile.open(FILES.resolve("davis-2.pkl"))) {
      assertEquals(2, file.videos().size());
      for (TapVidVideo video : file.videos()) {
        assertArrayEquals(plain.videos().get(1).xy(), video.xy());
        assertArrayEquals(plain.videos().get(1).occluded(), video.occluded());
      }
    }
  }

  @Test
  void foldersHoldManyFiles() throws IOException {
    Files.copy(FILES.resolve("drift.npz"), folder.resolve("b.npz"));
    Files.copy(FILES.resolve("davis-4.pkl"), folder.resolve("a.pkl"));
    try (TapVidFile file = TapVidFile.open(folder)) {
      assertEquals(
          List.of(folder + "/a.pkl:drift", folder + "/a.pkl:other", folder + "/b.npz"),
          file.videos().stream().map(TapVidVideo::name).toList());
    }
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refuses(empty, "no videos of TAP-Vid: folder=" + empty + "; it must hold .pkl or .npz files");
    refuses(folder.resolve("none"), "file cannot be read: file=" + folder.resolve("none"));
  }

  @Test
  void npzFilesAreUntrusted() throws IOException {
    Path file = folder.resolve("a.npz");
    zip(file, Map.of("points", new byte[100]));
    refuses(file, "not a video of TAP-Vid: video=" + file + ", found=points: magic; needed are");
    byte[] header =
        "\u0093NUMPY\u0001\0\u003a\0{'descr': '<f4', 'fortran_order': False, 'shape': (1, 9, 2)}"
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    zip(file, Map.of("points", Arrays.copyOf(header, header.length)));
    refuses(file, "not a video of TAP-Vid: video=" + file + ", found=points:");
    zip(file, Map.of("other", header));
    refuses(file, "not a video of TAP-Vid: video=" + file + ", found=no array points; needed are");
    byte[] whole = Files.readAllBytes(FILES.resolve("drift.npz"));
    Files.write(file, Arrays.copyOf(whole, whole.length - 100));
    refuses(file, "not a video of TAP-Vid: video=" + file);
    // The table of contents says more than the file can hold.
    for (int i = whole.length - 400; i < whole.length - 4; i++) {
      if (whole[i] == 'P' && whole[i + 1] == 'K' && whole[i + 2] == 1 && whole[i + 3] == 2) {
        whole[i + 27] = 0x7f;
      }
    }
    Files.write(file, whole);
    refuses(file, "not a video of TAP-Vid: video=" + file);
  }

  private static void zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey() + ".npy"));
        zip.write(entry.getValue());
      }
    }
  }

  private static void refuses(Path file, String beginning) {
    MoteException refused = assertThrows(MoteException.class, () -> TapVidFile.open(file));
    assertTrue(refused.getMessage().startsWith(beginning), refused.getMessage());
  }

  @Test
  void picturesOfAnNpzFileAreAsManyAsItsShapeSays() throws IOException {
    Path file = folder.resolve("a.npz");
    Map<String, byte[]> entries = new java.util.HashMap<>();
    try (java.util.zip.ZipFile whole =
        new java.util.zip.ZipFile(FILES.resolve("drift.npz").toFile())) {
      for (String name : List.of("video", "points", "occluded")) {
        entries.put(name, whole.getInputStream(whole.getEntry(name + ".npy")).readAllBytes());
      }
    }
    zip(file, entries);
    TapVidFile.open(file).close();
    byte[] video = entries.get("video");
    entries.put("video", Arrays.copyOf(video, video.length - 1));
    zip(file, entries);
    refuses(
        file,
        "not a video of TAP-Vid: video="
            + file
            + ", found=video: shape=[12, 16, 20, 3], bytes="
            + (video.length - 1));
  }

  /** Decoders throw what they like on broken pictures: here it becomes a refusal in words. */
  @Test
  void jpegPicturesAreUntrusted() throws IOException {
    java.util.Random random = new java.util.Random(5);
    byte[] whole = Files.readAllBytes(FILES.resolve("kinetics.pkl"));
    Path file = folder.resolve("k.pkl");
    int refused = 0;
    for (int round = 0; round < 100; round++) {
      byte[] changed = whole.clone();
      for (int k = 0; k < 200; k++) {
        changed[600 + random.nextInt(changed.length / 3 - 1000)] = (byte) random.nextInt();
      }
      Files.write(file, changed);
      try (TapVidFile opened = TapVidFile.open(file)) {
        pictures(opened.videos().get(0).test(QueryMode.FIRST).clip());
      } catch (MoteException e) {
        refused++;
      }
    }
    assertTrue(refused > 10, "refused=" + refused);
  }

  @Test
  void tracksAreUntrusted() {
    float[] nowhere = {0.5f, Float.NaN, 0.5f, 0.5f};
    TapVidVideo video = new TapVidVideo("v", () -> null, 2, 1, nowhere, new boolean[2]);
    assertEquals(
        "a visible point has no place: video=v, point=0, frame=0, share=NaN; give finite ones",
        assertThrows(MoteException.class, () -> video.test(QueryMode.FIRST)).getMessage());
    TapVidVideo unseen =
        new TapVidVideo("v", () -> null, 2, 1, nowhere, new boolean[] {true, true});
    assertTrue(
        assertThrows(MoteException.class, () -> unseen.test(QueryMode.STRIDED))
            .getMessage()
            .startsWith("queries are out of range: video=v, queries=0, frames=2; give 1 to 65536"));
  }
}
