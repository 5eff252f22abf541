package mote.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * Named ranges of the calling thread, as Nsight shows them. NVTX 3 is a header without a library: a
 * profiler names its own in the environment ({@value #INJECTION}), and {@link NvtxInjection} speaks
 * with that as the header does. Older profilers come with a library, {@value #LIBRARY}.
 */
final class Nvtx {
  static final String INJECTION = "NVTX_INJECTION64_PATH";
  static final String LIBRARY = "libnvToolsExt.so.1";

  /**
   * @param ranges null where nobody takes them
   * @param taker who takes them, or why nobody does
   */
  record Outcome(Nvtx ranges, String taker) {}

  private static final class Holder {
    static final Outcome OUTCOME = load(System.getenv(INJECTION), LIBRARY);
  }

  private final MethodHandle push;
  private final MethodHandle pop;
  private final Map<String, MemorySegment> names = new ConcurrentHashMap<>();

  /**
   * @param push {@code int nvtxRangePushA(const char*)}
   * @param pop {@code int nvtxRangePop(void)}
   */
  Nvtx(MemorySegment push, MemorySegment pop) {
    this.push = handle(push, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
    this.pop = handle(pop, FunctionDescriptor.of(ValueLayout.JAVA_INT));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(MemorySegment function, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(function, descriptor);
  }

  /** Of this process: the profiler that it was started under. */
  static Outcome outcome() {
    return Holder.OUTCOME;
  }

  /**
   * Looks for somebody who takes ranges.
   *
   * @param injection the environment's {@value #INJECTION}, null where it has none
   * @param library that exports nvtxRangePushA, where there is no injection
   */
  static Outcome load(String injection, String library) {
    try {
      if (injection != null && !injection.isEmpty()) {
        return new Outcome(
            NvtxInjection.ranges(Path.of(injection)), "taken by " + Untrusted.printable(injection));
      }
      return new Outcome(exported(library), "taken by " + library);
    } catch (MoteException refusal) {
      return new Outcome(null, "none: " + refusal.getMessage());
    }
  }

  @SuppressWarnings("restricted")
  private static Nvtx exported(String library) {
    try {
      SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
      return new Nvtx(symbols.findOrThrow("nvtxRangePushA"), symbols.findOrThrow("nvtxRangePop"));
    } catch (IllegalArgumentException | java.util.NoSuchElementException missing) {
      throw new MoteException(
          "no profiler is there: %s=unset, library=%s; start Mote by nsys profile or ncu"
              .formatted(INJECTION, library));
    }
  }

  /** Begins a range inside of those that are open. */
  void push(String name) {
    MemorySegment text = names.computeIfAbsent(name, Arena.global()::allocateFrom);
    try {
      int depth = (int) push.invokeExact(text);
    } catch (Throwable failure) {
      throw new IllegalStateException("nvtxRangePushA cannot be called", failure);
    }
  }

  /** Ends the range that began last. */
  void pop() {
    try {
      int depth = (int) pop.invokeExact();
    } catch (Throwable failure) {
      throw new IllegalStateException("nvtxRangePop cannot be called", failure);
    }
  }
}
