package mote.media;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Sources and writers that are open now: a test finds it empty after every test. */
final class OpenMedia {
  private static final Set<Object> OPEN =
      Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));

  private OpenMedia() {}

  static void add(Object resource) {
    OPEN.add(resource);
  }

  static void remove(Object resource) {
    OPEN.remove(resource);
  }

  static int count() {
    return OPEN.size();
  }
}
