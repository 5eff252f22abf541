package mote.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import mote.engine.MoteException;

/**
 * JCuda unpacks its libraries under fixed names into java.io.tmpdir, where another user's file may
 * lie: each gets a folder of its own, which goes once the library is mapped.
 */
final class NativeFolder {
  private NativeFolder() {}

  /**
   * Runs what loads a library of JCuda's.
   *
   * @throws MoteException if it cannot be unpacked or mapped
   */
  static synchronized void during(Runnable load) {
    String before = System.getProperty("java.io.tmpdir");
    try {
      Path folder = Files.createTempDirectory("mote-jcuda");
      try {
        System.setProperty("java.io.tmpdir", folder.toString());
        load.run();
      } finally {
        System.setProperty("java.io.tmpdir", before);
        delete(folder);
      }
    } catch (IOException | LinkageError failure) {
      throw new MoteException(
          "JCuda cannot be loaded: tmpdir=%s, cause=%s; check that the folder can be written and executed from"
              .formatted(before, failure.getMessage()),
          failure);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(folder)) {
      paths = walk.toList();
    }
    for (Path path : paths.reversed()) {
      Files.delete(path);
    }
  }
}
