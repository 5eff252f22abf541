package mote.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What native/simt lets tests ask and plant. */
public final class StandInDriver {
  private StandInDriver() {}

  /** Whether it is the stand-in that runs. */
  public static boolean present() {
    return new CudaProvider().unavailable() == null && Driver.outcome().standIn();
  }

  /** Skips a test, and says so, where no stand-in runs. */
  static void assume(String why) {
    boolean standIn = present();
    if (!standIn) {
      System.out.println("skipped: " + why + " in the stand-in alone: set MOTE_CUDA=simt");
    }
    assumeTrue(standIn, "no stand-in");
  }

  /** mote_simt_set. */
  public static void plant(String option, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle set =
          function(
              "mote_simt_set",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
      assertEquals(0, (int) set.invokeExact(arena.allocateFrom(option), value));
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }

  /** mote_simt_calls: calls of the driver so far whose names begin like this. */
  static long calls(String prefix) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle calls =
          function(
              "mote_simt_calls", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
      MemorySegment name = arena.allocateFrom(prefix);
      return (long) calls.invokeExact(name);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable failure) {
      throw new AssertionError(failure);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    return Linker.nativeLinker()
        .downcallHandle(SymbolLookup.loaderLookup().find(name).orElseThrow(), type);
  }
}
