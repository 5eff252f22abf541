package mote.engine.convert;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mote.engine.Architecture;
import mote.engine.MoteException;
import mote.engine.Safetensors;
import mote.engine.Untrusted;
import mote.engine.WeightsFile;
import mote.engine.WeightsInfo;
import mote.engine.convert.TensorReference.Storage;

/**
 * From the published checkpoint ({@code torch.save} of a dictionary with {@code model_state_dict})
 * to a weight file. Only the model's own storages are read; the optimizer's state stays on disk.
 */
public final class CheckpointConverter {
  private static final String MODEL = "model_state_dict";

  /** Of torch.nn.DataParallel, which the model is trained in. */
  private static final String WRAPPER = "module.";

  /** Counters and statistics that norms may save and that are no parameters. */
  private static final List<String> BUFFERS =
      List.of(".num_batches_tracked", ".running_mean", ".running_var");

  private static final int MOST_NAMES = 10;

  /**
   * What was converted.
   *
   * @param tensors written
   * @param parameters written, values in all
   * @param skipped names of buffers that are no parameters
   * @param sourceSha256 of the checkpoint, hexadecimal
   */
  public record Conversion(
      int tensors, long parameters, List<String> skipped, String sourceSha256) {}

  private final Path path;
  private final Architecture architecture;
  private final Map<String, TensorReference> references = new LinkedHashMap<>();
  private final List<String> skipped = new ArrayList<>();

  private CheckpointConverter(Path path, Architecture architecture) {
    this.path = path;
    this.architecture = architecture;
  }

  /**
   * Converts the published checkpoint.
   *
   * @throws MoteException if it is no sound checkpoint, names anything but tensors and plain
   *     containers, or does not have exactly the parameters of the published architecture; nothing
   *     is written then
   */
  public static Conversion convert(Path checkpoint, Path safetensors) {
    return convert(checkpoint, safetensors, Architecture.pips());
  }

  /** As {@link #convert(Path, Path)}, for a checkpoint of another architecture. */
  public static Conversion convert(Path checkpoint, Path safetensors, Architecture architecture) {
    if (checkpoint.toAbsolutePath().normalize().equals(safetensors.toAbsolutePath().normalize())) {
      throw new MoteException(
          "output is the checkpoint itself: path=" + checkpoint + "; give another name");
    }
    CheckpointConverter converter = new CheckpointConverter(checkpoint, architecture);
    Map<String, float[]> values = converter.read();
    String source = WeightsInfo.sha256(checkpoint);
    converter.write(safetensors, values, source);
    return new Conversion(
        values.size(), architecture.parameters(), List.copyOf(converter.skipped), source);
  }

  /** The parameters of a checkpoint by name, checked, in row-major order. */
  static Map<String, float[]> read(Path checkpoint, Architecture architecture) {
    return new CheckpointConverter(checkpoint, architecture).read();
  }

  private Map<String, float[]> read() {
    try (TorchZip zip = TorchZip.open(path)) {
      collect(Unpickler.read(path, zip.pickle()));
      checkShapes();
      return values(zip);
    }
  }

  private void write(Path safetensors, Map<String, float[]> values, String source) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt"); // what other readers of safetensors look for
    metadata.put(WeightsFile.ARCHITECTURE, architecture.toJson());
    metadata.put(WeightsInfo.LICENSE, "MIT");
    metadata.put(WeightsInfo.SOURCE, "sha256:" + source);
    metadata.put(
        WeightsInfo.TRAINING, "by its authors (Particle Video Revisited, ECCV 2022); converted");
    List<Safetensors.Tensor> tensors = new ArrayList<>();
    architecture
        .shapes()
        .forEach(
            (name, shape) -> {
              MemorySegment data = MemorySegment.ofArray(values.get(name));
              tensors.add(new Safetensors.Tensor(name, Safetensors.Type.F32, shape, data));
            });
    Safetensors.write(safetensors, metadata, tensors);
  }

  /** Finds the model's tensors in the checkpoint's dictionary. */
  private void collect(Object checkpoint) {
    if (!(checkpoint instanceof Map<?, ?> map) || !(map.get(MODEL) instanceof Map<?, ?> state)) {
      Object keys = checkpoint instanceof Map<?, ?> map ? map.keySet() : List.of();
      throw new MoteException(
          "checkpoint holds no model: path=%s, missing=%s, keys=%s; give a checkpoint of the published training code"
              .formatted(path, MODEL, Untrusted.quote(keys.toString())));
    }
    state.forEach(
        (key, value) -> {
          String text = String.valueOf(key);
          String name = text.startsWith(WRAPPER) ? text.substring(WRAPPER.length()) : text;
          if (!(value instanceof TensorReference tensor)) {
            throw new MoteException(
                "checkpoint's model holds something that is no tensor: path=%s, name=%s; fetch it again"
                    .formatted(path, Untrusted.quote(name)));
          }
          if (BUFFERS.stream().anyMatch(name::endsWith)) {
            skipped.add(name);
          } else if (references.put(name, tensor) != null) {
            throw new MoteException(
                "checkpoint has a tensor twice: path=%s, tensor=%s; fetch it again"
                    .formatted(path, Untrusted.quote(name)));
          }
        });
  }

  private void checkShapes() {
    List<String> missing = new ArrayList<>();
    Set<String> unexpected = new LinkedHashSet<>(references.keySet());
    List<String> mismatched = new ArrayList<>();
    architecture
        .shapes()
        .forEach(
            (name, shape) -> {
              TensorReference tensor = references.get(name);
              unexpected.remove(name);
              if (tensor == null) {
                missing.add(name);
              } else if (!Arrays.equals(tensor.sizes(), shape)
                  || !tensor.storage().type().isReal()) {
                mismatched.add(
                    name
                        + " "
                        + tensor.storage().type().torchClass()
                        + tensor.shapeText()
                        + " for "
                        + Arrays.toString(shape));
              }
            });
    if (!missing.isEmpty() || !unexpected.isEmpty() || !mismatched.isEmpty()) {
      throw new MoteException(
          "checkpoint does not fit the architecture: path=%s, architecture=%s, missing=%s, unexpected=%s, mismatched=%s; give a checkpoint of this architecture"
              .formatted(
                  path, architecture.name(), list(missing), list(unexpected), list(mismatched)));
    }
  }

  /** The first names and how many more there are. */
  private static String list(Collection<String> names) {
    List<String> first = names.stream().limit(MOST_NAMES).map(Untrusted::quote).toList();
    int more = names.size() - first.size();
    return more == 0 ? first.toString() : first + " and " + more + " more";
  }

  /** Reads storage by storage, since tensors may share one. */
  private Map<String, float[]> values(TorchZip zip) {
    Map<Storage, List<String>> owners = new LinkedHashMap<>();
    references.forEach(
        (name, tensor) ->
            owners.computeIfAbsent(tensor.storage(), s -> new ArrayList<>()).add(name));
    refuseLargeStorages(owners.keySet());
    Map<String, float[]> values = new LinkedHashMap<>();
    owners.forEach(
        (storage, names) -> {
          byte[] bytes = zip.storage(storage);
          for (String name : names) {
            values.put(name, TensorValues.read(path, name, references.get(name), bytes));
          }
        });
    return values;
  }

  /** Twice what float64 takes: a checkpoint that shares storages with more is not the model's. */
  private void refuseLargeStorages(Iterable<Storage> storages) {
    long most = 2 * Double.BYTES * architecture.parameters();
    long bytes = 0;
    for (Storage storage : storages) {
      long free = most - bytes;
      if (storage.size() > free / storage.type().bytes()) {
        throw new MoteException(
            "checkpoint's storages are larger than the model: path=%s, storage=%s, most_bytes=%d; save the model alone"
                .formatted(path, storage.key(), most));
      }
      bytes += storage.size() * storage.type().bytes();
    }
  }
}
