package mote.engine;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what is open in this process by kind (backends, weights, mapped files): the leak counter
 * that tests hold to zero.
 */
public final class OpenResources {
  private static final Map<String, Integer> OPEN = new TreeMap<>();

  private OpenResources() {}

  /** Says that one more of a kind was opened, for example {@code WeightsFile}. */
  public static synchronized void opened(String kind) {
    OPEN.merge(kind, 1, Integer::sum);
  }

  /** Says that one of a kind was closed; every owner says it once. */
  public static synchronized void closed(String kind) {
    if (!OPEN.containsKey(kind)) {
      throw new IllegalStateException(
          "resource was closed more often than opened: kind=" + kind + "; close it once");
    }
    OPEN.computeIfPresent(kind, (name, count) -> count == 1 ? null : count - 1);
  }

  /** What is open now, by kind; empty when nothing leaks. */
  public static synchronized Map<String, Integer> open() {
    return new TreeMap<>(OPEN);
  }
}
