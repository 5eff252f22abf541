package mote.cli.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Pauses of the JVM are seen and named. */
class JvmPausesTest {
  @Test
  void aCollectionIsNamed() {
    try (JvmPauses pauses = new JvmPauses()) {
      pauses.start();
      System.gc();
      Map<String, Map<String, Double>> found = pauses.stop();
      String names = found.keySet().toString();
      String collection =
          found.keySet().stream()
              .filter(name -> name.contains("Collect") || name.contains("GC"))
              .findFirst()
              .orElseThrow(() -> new AssertionError(names));
      assertTrue(found.get(collection).get("count") >= 1, names);
      assertTrue(found.get(collection).get("worst_ms") > 0, names);
    }
  }

  @Test
  void whatCameBeforeDoesNotCount() {
    try (JvmPauses pauses = new JvmPauses()) {
      System.gc();
      pauses.start();
      assertFalse(
          pauses.stop().keySet().stream().anyMatch(name -> name.contains("Collect")),
          "a collection before the start");
    }
  }
}
