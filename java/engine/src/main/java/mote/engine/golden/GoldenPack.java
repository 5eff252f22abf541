package mote.engine.golden;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import mote.engine.Architecture;
import mote.engine.FormulaWeights;
import mote.engine.MoteException;
import mote.engine.Safetensors;
import mote.engine.Weights;
import mote.engine.WeightsFile;
import mote.engine.WeightsInfo;

/** A golden pack, opened and checked against its own description. */
public final class GoldenPack implements AutoCloseable {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Safetensors file;
  private final Architecture architecture;
  private final int iterations;
  private final int stride;
  private final long[] frames;

  private GoldenPack(Safetensors file) {
    this.file = file;
    String family = text("arch");
    architecture = family.equals("pips") ? Architecture.pips() : described(family);
    iterations = number("iterations", 1, 64);
    stride = number("stride", 4, 8);
    frames = tensor("frames", Safetensors.Type.U8, -1, -1, -1, 3).shape();
    tensor("queries", Safetensors.Type.F32, -1, 2);
  }

  private Architecture described(String family) {
    Architecture described = Architecture.fromJson(text(WeightsFile.ARCHITECTURE));
    if (!described.family().id().equals(family)) {
      throw new MoteException(
          "pack's family is not its architecture's: path=%s, arch=%s, mote.arch=%s; make it anew"
              .formatted(file.path(), family, described.family().id()));
    }
    return described;
  }

  /**
   * Opens a pack.
   *
   * @throws MoteException if it is no sound golden pack
   */
  public static GoldenPack open(Path path) {
    Safetensors file = Safetensors.open(path);
    try {
      return new GoldenPack(file);
    } catch (RuntimeException error) {
      file.close();
      throw error;
    }
  }

  /** The file's name without its ending. */
  public String name() {
    return file.path().getFileName().toString().replaceFirst("\\.safetensors$", "");
  }

  /** {@code window} or {@code chain}. */
  public String kind() {
    return text("kind");
  }

  public Architecture architecture() {
    return architecture;
  }

  public int iterations() {
    return iterations;
  }

  public int stride() {
    return stride;
  }

  /** Frames between window starts; 0 where visibility decides. */
  public int hop() {
    return file.metadata().containsKey("hop") ? number("hop", 1, 7) : 0;
  }

  public int frameCount() {
    return (int) frames[0];
  }

  public int height() {
    return (int) frames[1];
  }

  public int width() {
    return (int) frames[2];
  }

  public int points() {
    return (int) file.tensor("queries").shape()[0];
  }

  /** Frame {@code t}: height * width RGB triples in mapped memory. */
  public MemorySegment frame(int t) {
    long size = 3L * height() * width();
    return file.tensor("frames").data().asSlice(t * size, size);
  }

  public boolean has(String name) {
    return file.names().contains(name);
  }

  /**
   * A float32 tensor.
   *
   * @param shape as it must be; -1 where any size will do
   */
  public float[] floats(String name, long... shape) {
    return tensor(name, Safetensors.Type.F32, shape).data().toArray(FLOAT);
  }

  /** An int32 tensor; {@code shape} as for {@link #floats}. */
  public int[] ints(String name, long... shape) {
    return tensor(name, Safetensors.Type.I32, shape).data().toArray(INT);
  }

  private Safetensors.Tensor tensor(String name, Safetensors.Type type, long... shape) {
    Safetensors.Tensor tensor = file.tensor(name);
    long[] actual = tensor.shape();
    boolean fits = tensor.type() == type && actual.length == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = shape[i] == actual[i] || shape[i] < 0 && actual[i] > 0 && actual[i] < 1 << 20;
    }
    if (!fits || tensor.data().byteSize() > 1 << 30) {
      throw new MoteException(
          "pack's tensor has another shape: path=%s, tensor=%s, dtype=%s, shape=%s, expected=%s %s; make the pack anew"
              .formatted(
                  file.path(),
                  name,
                  tensor.type(),
                  Arrays.toString(actual),
                  type,
                  Arrays.toString(shape)));
    }
    return tensor;
  }

  /**
   * The weights that the pack was made with: by the formula from its {@code weights_seed}, or the
   * file {@code weights}, looked for beside the pack and in a folder {@code weights} above it.
   *
   * @throws MoteException if the file is not found or is another one
   */
  public Weights weights() {
    if (file.metadata().containsKey("weights_seed")) {
      return FormulaWeights.of(architecture, number("weights_seed", 0, Integer.MAX_VALUE));
    }
    String name = text("weights");
    Path path = find(name);
    String expected = text("weights_sha256");
    String actual = WeightsInfo.sha256(path);
    if (!actual.equals(expected)) {
      throw new MoteException(
          "pack was made with other weights: path=%s, weights=%s, sha256=%s, expected=%s; make the pack anew or give the old weights"
              .formatted(file.path(), path, actual, expected));
    }
    return WeightsFile.open(path);
  }

  private Path find(String name) {
    Path folder = file.path().toAbsolutePath().getParent();
    String bare = name.substring(name.lastIndexOf('/') + 1);
    if (Files.isRegularFile(folder.resolve(bare))) {
      return folder.resolve(bare);
    }
    for (Path above = folder; above != null; above = above.getParent()) {
      if (Files.isRegularFile(above.resolve("weights").resolve(bare))) {
        return above.resolve("weights").resolve(bare);
      }
    }
    throw new MoteException(
        "pack's weights are not found: path=%s, weights=%s; name them with --weights"
            .formatted(file.path(), bare));
  }

  private String text(String key) {
    String value = file.metadata().get(key);
    if (value == null) {
      throw new MoteException(
          "pack's metadata lacks a key: path=%s, key=%s; give a golden pack"
              .formatted(file.path(), key));
    }
    return value;
  }

  private int number(String key, int least, int most) {
    String value = text(key);
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException malformed) {
      // The message below is for both: out of range or no number at all.
    }
    throw new MoteException(
        "pack's metadata has a value out of range: path=%s, %s=%s; give %d to %d"
            .formatted(file.path(), key, value, least, most));
  }

  @Override
  public void close() {
    file.close();
  }
}
