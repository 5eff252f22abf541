package mote.engine.convert;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mote.engine.convert.TensorReference.Storage;
import mote.engine.convert.TensorReference.StorageType;
import mote.engine.convert.Unpickler.Tuple;

/**
 * The few classes and functions that a checkpoint of tensors names, as data. Nothing is looked up
 * anywhere: a name is either in this list, and then means what is written here, or it is refused.
 */
final class TorchObjects {
  private static final String REBUILD_TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String REBUILD_PARAMETER = "torch._utils._rebuild_parameter";
  private static final String ORDERED_DICT = "collections.OrderedDict";

  /**
   * Older torch saves a scheduler's annealing function by its name, as {@code getattr(OneCycleLR,
   * "_annealing_linear")}. That name is all that is kept of it.
   */
  private static final String GETATTR = "__builtin__.getattr";

  private static final String SCHEDULER = "torch.optim.lr_scheduler.OneCycleLR";
  private static final Set<String> ANNEALING = Set.of("_annealing_linear", "_annealing_cos");

  private static final Map<String, StorageType> STORAGES =
      Stream.of(StorageType.values())
          .collect(Collectors.toUnmodifiableMap(StorageType::torchClass, Function.identity()));

  /** A name that is known here. */
  private record Global(String name) {}

  private static final Set<String> KNOWN =
      Set.of(REBUILD_TENSOR, REBUILD_PARAMETER, ORDERED_DICT, GETATTR, SCHEDULER);

  private final PickleReader in;

  TorchObjects(PickleReader in) {
    this.in = in;
  }

  /** GLOBAL: a class or function by name. */
  Object global(String module, String name) {
    String full = (module.equals("builtins") ? "__builtin__" : module) + "." + name;
    StorageType storage = STORAGES.get(full);
    if (storage != null) {
      return storage;
    }
    if (!KNOWN.contains(full)) {
      throw in.refused(module + "." + name);
    }
    return new Global(full);
  }

  /** REDUCE: a function applied to arguments. */
  Object call(Object callable, Tuple arguments) {
    String name = callable instanceof Global global ? global.name() : "a value";
    List<Object> items = arguments.items();
    switch (name) {
      case ORDERED_DICT -> {
        if (items.isEmpty()) {
          return new LinkedHashMap<>();
        }
      }
      case REBUILD_TENSOR -> {
        if (items.size() >= 4 && items.size() <= 7) {
          return tensor(items);
        }
      }
      case REBUILD_PARAMETER -> {
        if (items.size() == 3 && items.get(0) instanceof TensorReference tensor) {
          return tensor;
        }
      }
      case GETATTR -> {
        if (items.size() == 2
            && items.get(0) instanceof Global(String type)
            && type.equals(SCHEDULER)
            && items.get(1) instanceof String function
            && ANNEALING.contains(function)) {
          return function;
        }
      }
      default -> {
        // Nothing else may be called.
      }
    }
    throw in.refused(name);
  }

  /** BINPERSID: {@code ("storage", type, key, location, size)}. */
  Object persistent(Tuple id) {
    List<Object> items = id.items();
    if (items.size() == 5
        && "storage".equals(items.get(0))
        && items.get(1) instanceof StorageType type
        && items.get(2) instanceof String key
        && key.matches("[0-9]{1,9}")
        && items.get(3) instanceof String
        && items.get(4) instanceof Long size
        && size >= 0) {
      return new Storage(type, key, size);
    }
    throw in.malformed("an outer object that is no storage");
  }

  /** {@code (storage, offset, shape, strides, ...)}; all of it must lie inside the storage. */
  private TensorReference tensor(List<Object> items) {
    if (items.get(0) instanceof Storage storage
        && items.get(1) instanceof Long offset
        && items.get(2) instanceof Tuple shape
        && items.get(3) instanceof Tuple strides
        && offset >= 0
        && shape.items().size() == strides.items().size()
        && shape.items().size() <= 8) {
      TensorReference tensor = new TensorReference(storage, offset, sizes(shape), sizes(strides));
      if (isInside(tensor)) {
        return tensor;
      }
      throw in.malformed("a tensor that lies beyond its storage " + storage.key());
    }
    throw in.malformed("a tensor without storage, offset, shape and strides");
  }

  private List<Long> sizes(Tuple tuple) {
    List<Long> sizes = new ArrayList<>();
    for (Object item : tuple.items()) {
      if (!(item instanceof Long size) || size < 0) {
        throw in.malformed("a shape that is not of sizes");
      }
      sizes.add(size);
    }
    return List.copyOf(sizes);
  }

  /** Exact, since sizes and strides from outside may overflow any other number. */
  private static boolean isInside(TensorReference tensor) {
    BigInteger last = BigInteger.valueOf(tensor.offset());
    for (int d = 0; d < tensor.shape().size(); d++) {
      long size = tensor.shape().get(d);
      if (size == 0) {
        return tensor.offset() <= tensor.storage().size();
      }
      BigInteger steps = BigInteger.valueOf(size - 1);
      last = last.add(steps.multiply(BigInteger.valueOf(tensor.strides().get(d))));
    }
    return last.compareTo(BigInteger.valueOf(tensor.storage().size())) < 0;
  }
}
