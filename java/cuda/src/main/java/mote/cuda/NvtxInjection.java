package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import mote.engine.MoteException;

/**
 * What NVTX 3's header does in a C program (nvtxInit.h, nvtxTypes.h): the profiler's library gets a
 * function that gives it tables of function pointers, and writes its own functions there. All of it
 * lives as long as the process: profilers keep what they were given.
 */
final class NvtxInjection {
  private static final String ENTRY = "InitializeInjectionNvtx2";
  private static final int VERSION = 3;

  /** NvtxExportTableID. */
  private static final int CALLBACKS = 1;

  private static final int VERSION_INFO = 3;

  /** Functions of each NvtxCallbackModule, the invalid one of number 0 counted. */
  private static final int[] SIZES = {0, 16, 9, 15, 7, 16, 7};

  private static final int CORE = 1;
  private static final int RANGE_PUSH = 9;
  private static final int RANGE_POP = 11;

  private final Arena arena = Arena.global();

  /** Where the profiler writes its functions, by module. */
  private final MemorySegment[] functions = new MemorySegment[SIZES.length];

  /** Addresses of these places, as the profiler gets them. */
  private final MemorySegment[] tables = new MemorySegment[SIZES.length];

  private final MemorySegment callbacks;
  private final MemorySegment versionInfo;

  private NvtxInjection() {
    for (int module = 1; module < SIZES.length; module++) {
      functions[module] = arena.allocate(ValueLayout.ADDRESS, SIZES[module]);
      tables[module] = arena.allocate(ValueLayout.ADDRESS, SIZES[module] + 1);
      for (int id = 1; id < SIZES[module]; id++) {
        long place = functions[module].address() + ValueLayout.ADDRESS.byteSize() * id;
        tables[module].setAtIndex(ValueLayout.ADDRESS, id, MemorySegment.ofAddress(place));
      }
    }
    MemorySegment table =
        stub(
            "moduleFunctions",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS));
    callbacks = arena.allocate(16, 8);
    callbacks.set(ValueLayout.JAVA_LONG, 0, 16);
    callbacks.set(ValueLayout.ADDRESS, 8, table);
    versionInfo = arena.allocate(24, 8);
    versionInfo.set(ValueLayout.JAVA_LONG, 0, 24);
    versionInfo.set(ValueLayout.JAVA_INT, 8, VERSION);
    MemorySegment version =
        stub("profilerVersion", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    versionInfo.set(ValueLayout.ADDRESS, 16, version);
  }

  /**
   * Ranges that go to a profiler.
   *
   * @param library of the profiler
   * @throws MoteException if it cannot be loaded, or takes no ranges
   */
  static Nvtx ranges(Path library) {
    NvtxInjection injection = new NvtxInjection();
    int status = injection.start(library);
    if (status == 0) {
      throw refused("profiler does not want to start", library, "status=0");
    }
    MemorySegment push = injection.functions[CORE].getAtIndex(ValueLayout.ADDRESS, RANGE_PUSH);
    MemorySegment pop = injection.functions[CORE].getAtIndex(ValueLayout.ADDRESS, RANGE_POP);
    if (push.address() == 0 || pop.address() == 0) {
      throw refused("profiler takes no ranges", library, "missing=nvtxRangePushA");
    }
    return new Nvtx(push, pop);
  }

  @SuppressWarnings("restricted")
  private int start(Path library) {
    MemorySegment entry;
    try {
      entry = SymbolLookup.libraryLookup(library, arena).find(ENTRY).orElse(null);
    } catch (IllegalArgumentException unloadable) {
      throw refused("profiler's library cannot be loaded", library, "cause=dlopen");
    }
    if (entry == null) {
      throw refused("library is no profiler's", library, "missing=" + ENTRY);
    }
    MethodHandle initialise =
        Linker.nativeLinker()
            .downcallHandle(
                entry, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    try {
      return (int)
          initialise.invokeExact(
              stub(
                  "exportTable", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT)));
    } catch (Throwable failure) {
      throw new IllegalStateException(ENTRY + " cannot be called", failure);
    }
  }

  private static MoteException refused(String reason, Path library, String value) {
    return new MoteException(
        "%s: %s=%s, %s; start Mote by nsys profile or ncu, or unset it"
            .formatted(reason, Nvtx.INJECTION, library, value));
  }

  /** A C function that calls a method of this. */
  @SuppressWarnings("restricted")
  private MemorySegment stub(String method, FunctionDescriptor descriptor) {
    try {
      MethodType type = descriptor.toMethodType();
      MethodHandle handle =
          MethodHandles.lookup().findVirtual(NvtxInjection.class, method, type).bindTo(this);
      return Linker.nativeLinker().upcallStub(handle, descriptor, arena);
    } catch (NoSuchMethodException | IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** NvtxGetExportTableFunc_t. */
  MemorySegment exportTable(int id) {
    return switch (id) {
      case CALLBACKS -> callbacks;
      case VERSION_INFO -> versionInfo;
      default -> MemorySegment.NULL;
    };
  }

  /**
   * GetModuleFunctionTable: 1 where the module is known.
   *
   * @param table (1) out, may be null: addresses of the places for functions
   * @param size (1) out, may be null: how many
   */
  @SuppressWarnings("restricted")
  int moduleFunctions(int module, MemorySegment table, MemorySegment size) {
    if (module < 1 || module >= SIZES.length) {
      return 0;
    }
    if (table.address() != 0) {
      table.reinterpret(ValueLayout.ADDRESS.byteSize()).set(ValueLayout.ADDRESS, 0, tables[module]);
    }
    if (size.address() != 0) {
      size.reinterpret(Integer.BYTES).set(ValueLayout.JAVA_INT, 0, SIZES[module]);
    }
    return 1;
  }

  /** SetInjectionNvtxVersion: of the profiler; nothing depends on it. */
  void profilerVersion(int version) {}
}
