package mote.cuda;

import java.util.Arrays;

/**
 * Where each frame of a window keeps its dot products: one of S places, the same as in the call
 * before where the slot was in that window too. No two frames of a call share one.
 */
final class Places {
  private final int[] slotAt;
  private final boolean[] used;
  private final int[] places;

  Places(int window) {
    slotAt = new int[window];
    used = new boolean[window];
    places = new int[window];
    Arrays.fill(slotAt, -1);
  }

  /** The places of a window's slots; the array is the same at every call. */
  int[] of(int[] slots) {
    int window = slotAt.length;
    Arrays.fill(used, false);
    Arrays.fill(places, -1);
    for (int s = 0; s < window; s++) {
      for (int place = 0; place < window && places[s] < 0; place++) {
        if (!used[place] && slotAt[place] == slots[s]) {
          places[s] = place;
          used[place] = true;
        }
      }
    }
    int free = 0;
    for (int s = 0; s < window; s++) {
      if (places[s] < 0) {
        while (used[free]) {
          free++;
        }
        places[s] = free;
        used[free] = true;
        slotAt[free] = slots[s];
      }
    }
    return places;
  }
}
