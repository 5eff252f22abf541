package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Options of the stand-in for a device (native/simt/README.md). */
public final class StandInOptions {
  private StandInOptions() {}

  /** Whether the stand-in runs, which has such options. */
  public static boolean present() {
    return new CudaProvider().unavailable() == null && Driver.outcome().standIn();
  }

  /** mote_simt_set of native/simt. */
  @SuppressWarnings("restricted")
  public static void set(String option, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle set =
          Linker.nativeLinker()
              .downcallHandle(
                  SymbolLookup.loaderLookup().find("mote_simt_set").orElseThrow(),
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
      assertEquals(0, (int) set.invokeExact(arena.allocateFrom(option), value));
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }
}
