package mote.cuda;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * cuMemcpyHtoDAsync from a bare address: JCuda's makes an object of each address, which would be
 * garbage with every picture.
 */
final class HostCopy {
  @SuppressWarnings("restricted")
  private static final MethodHandle COPY =
      Linker.nativeLinker()
          .downcallHandle(
              Driver.library().find("cuMemcpyHtoDAsync_v2").orElseThrow(),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG));

  private HostCopy() {}

  /** Its status; the sizes are the caller's to check. */
  static int run(long to, long from, long bytes, long stream) {
    try {
      return (int) COPY.invokeExact(to, from, bytes, stream);
    } catch (Throwable failure) {
      throw new IllegalStateException("cuMemcpyHtoDAsync cannot be called", failure);
    }
  }
}
