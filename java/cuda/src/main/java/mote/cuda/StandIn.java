package mote.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import mote.engine.MoteException;

/**
 * The stand-in for a device (native/simt): a libcuda.so.1 that runs the kernels on the CPU. Loaded
 * before JCuda it is taken instead of the system's, since the loader goes by the library's name.
 * The same build makes what stands in, or up, for cuBLAS.
 */
final class StandIn {
  /** The driver's part and the kernels, compiled from the same sources as the PTX. */
  private static final String[] LIBRARIES = {"libcuda.so.1", "libmote_kernels_simt.so"};

  private StandIn() {}

  @SuppressWarnings("restricted")
  static SymbolLookup load() {
    try {
      Path folder = Files.createTempDirectory("mote-simt");
      // The last to be registered goes first.
      folder.toFile().deleteOnExit();
      for (String library : LIBRARIES) {
        Path file = folder.resolve(library);
        file.toFile().deleteOnExit();
        unpack(library, file);
      }
      Path driver = folder.resolve(LIBRARIES[0]).toAbsolutePath();
      System.load(driver.toString());
      return SymbolLookup.libraryLookup(driver, Arena.global());
    } catch (IOException | UnsatisfiedLinkError failure) {
      throw new MoteException(
          "stand-in for CUDA cannot be loaded: cause=%s; check that java.io.tmpdir can be written and executed from"
              .formatted(failure.getMessage()),
          failure);
    }
  }

  /** Loads the stand-in's cuBLAS, once its driver is loaded. */
  static void loadCublas() {
    loadLibrary("libcublas.so.12");
  }

  /** Loads what takes the name of CUDA 12's cuBLAS and forwards to CUDA 13's. */
  static void loadForwarder() {
    loadLibrary("libmote_cublas_forward.so");
  }

  @SuppressWarnings("restricted")
  private static void loadLibrary(String library) {
    try {
      Path folder = Files.createTempDirectory("mote-cublas");
      Path file = folder.resolve(library);
      try {
        unpack(library, file);
        System.load(file.toAbsolutePath().toString());
      } finally {
        Files.deleteIfExists(file);
        Files.delete(folder);
      }
    } catch (IOException | UnsatisfiedLinkError failure) {
      throw new MoteException(
          "cuBLAS cannot be loaded: library=%s, cause=%s; check that java.io.tmpdir can be written and executed from"
              .formatted(library, failure.getMessage()),
          failure);
    }
  }

  private static void unpack(String library, Path file) throws IOException {
    try (InputStream in = StandIn.class.getResourceAsStream("simt/" + library)) {
      if (in == null) {
        throw new MoteException(
            "library is not part of this build: missing=%s; apt-get install g++ cmake, then build again"
                .formatted(missing(library)));
      }
      Files.copy(in, file);
    }
  }

  /** The tools that its build did not find, or the library. */
  private static String missing(String library) throws IOException {
    try (InputStream in = StandIn.class.getResourceAsStream("simt/missing")) {
      return in == null ? library : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
