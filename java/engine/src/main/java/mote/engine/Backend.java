package mote.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import mote.engine.profile.Span;

/**
 * One model opened on one device, sized by a {@link Plan}: everything is allocated at open, nothing
 * per call. The operations are those of the model, coarse enough that a backend can fuse inside
 * one.
 *
 * <p>S is the model's window (8), C its feature channels, N the {@code count} of points of a call.
 * Arrays may be longer than needed. Coordinates are pixels of the working picture, x right, y down,
 * pixel centres at integers. A backend is used by one thread at a time.
 *
 * <p>Every operation throws {@link IllegalStateException} after {@link #close}, {@link
 * IllegalArgumentException} where a slot, a template, a count or an array does not fit the plan,
 * and {@link MoteException} where the device fails.
 */
public interface Backend extends AutoCloseable {
  /** {@code reference}, {@code cpu} or {@code cuda}. */
  String name();

  /** One line for people: device, instruction set, threads, precision that really runs. */
  String description();

  Architecture architecture();

  Plan plan();

  /** The precision that really runs. */
  Precision precision();

  /** Bytes that this backend holds for the model and the plan, weights included. */
  long bytes();

  /**
   * Encodes a picture into a slot of the ring: resized to the working size, scaled to [-1, 1],
   * feature map, pyramid.
   *
   * <p>The resize is separable and linear with a triangle filter whose support grows with the
   * reduction (antialiased; what Pillow calls BILINEAR, without its rounding to 8 bits); an
   * unscaled picture is taken as it is.
   *
   * @param slot 0 to {@code plan.slots() - 1}; what it held is overwritten
   * @param picture {@code sourceHeight} rows of {@code sourceWidth} RGB uint8 triples; native
   *     memory; not kept after the call, but for {@link #pin}
   * @param rowStrideBytes from a row to the next, at least {@code 3 * sourceWidth}
   */
  void encode(int slot, MemorySegment picture, long rowStrideBytes);

  /**
   * Lets the device read pictures straight from a caller's memory, without a copy by the host. The
   * memory outlives what is returned. A picture of {@link #encode} that lies in it without padding
   * between its rows stays as it is until a later operation on its slot, or {@link #awaitPictures},
   * has returned; all others are as they always were. Backends whose device is the host do nothing.
   *
   * @param memory native; the whole of it, page-aligned, pinned once at a time
   * @return ends it; after the backend's own end a close does nothing
   * @throws MoteException if the device cannot
   */
  default Pin pin(MemorySegment memory) {
    return () -> {};
  }

  /** Waits until no picture of the calls of {@link #encode} so far is read any more. */
  default void awaitPictures() {}

  /**
   * Samples the templates of points from an encoded frame and keeps them (in the role of the
   * paper's initial feature f0). {@code pips}: the feature at the point; {@code mote}: a patch at
   * every level.
   *
   * @param slot of the query frame
   * @param templates N ids, each 0 to {@code plan.points() - 1}; what they held is overwritten
   * @param xy (N, 2) positions in that frame; finite; those outside sample the border
   */
  void sample(int slot, int count, int[] templates, float[] xy);

  /**
   * Takes templates back that {@link Stages#template} once read, of this backend or of another one
   * with the same model: for frames that change size, and for points of another picture.
   *
   * @param templates N ids, each 0 to {@code plan.points() - 1}; what they held is overwritten
   * @param values (N, {@link Architecture#templateSize}); finite
   */
  void restore(int count, int[] templates, float[] values);

  /**
   * Looks for templates in the whole picture of a slot: for points that were lost.
   *
   * <p>The similarity of a feature pixel of the finest level is the mean, over the template's patch
   * at that level, of the dot product with the feature that lies under it, zero outside of the map;
   * features of {@code pips} are brought to unit length first. A peak is a position that none in
   * the 5x5 around it exceeds.
   *
   * @param templates N ids that were sampled before
   * @param xy (N, 2) out: the best peak, the centre of a feature pixel; the first in row-major
   *     order where peaks are alike
   * @param similarity (N, 2) out, -1 to 1: the best peak's and the next best one's, which is -1
   *     where there is no other
   */
  void match(int slot, int count, int[] templates, float[] xy, float[] similarity);

  /**
   * How much the picture of a slot is like templates at given places.
   *
   * @param templates N ids that were sampled before
   * @param xy (N, 2), finite
   * @param similarity (N) out, as {@link #match} has it at feature pixels, bilinear between them, 0
   *     outside of the map
   */
  void similarity(int slot, int count, int[] templates, float[] xy, float[] similarity);

  /**
   * Refines the trajectories of N points over one window (the paper's iterative updates).
   *
   * <p>A point is done after the iteration that moved none of its S positions by {@code settle}
   * along x or y: what later iterations would change is left.
   *
   * @param slots S slots, one per frame of the window; a slot may stand more than once (a video
   *     that ends inside the window repeats its last frame)
   * @param templates N template ids that were sampled before
   * @param locked N flags: frame 0 of the window is the point's own query and stays where it is;
   *     {@code pips} has frame 0 always locked and ignores this
   * @param iterations at most so many, at least 1
   * @param settle pixels of the working picture, finite, at least 0; 0: every point takes all
   *     iterations
   * @param xy (S, N, 2): in, the first estimate (finite); out, the refined trajectory
   * @param visibility (S, N) out: logits
   * @param confidence (S, N) out: logits; not written where the model has none (may then be null)
   * @param compared frame of the window, 0 to S - 1, at whose refined positions the points are
   *     compared with their templates; -1: they are not
   * @param similarity (N) out, as {@link #similarity} has it there in the frame's slot; not written
   *     where nothing is compared (may then be null)
   * @return iterations of the point that took the most; of the coarse tracker where the model has a
   *     fine one
   * @throws MoteException if a trajectory is not finite, where a backend looks; else that is what
   *     comes out, and such points' similarities are no numbers either
   */
  int refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float settle,
      float[] xy,
      float[] visibility,
      float[] confidence,
      int compared,
      float[] similarity);

  /** The same, and nothing is compared. */
  default int refine(
      int[] slots,
      int count,
      int[] templates,
      boolean[] locked,
      int iterations,
      float settle,
      float[] xy,
      float[] visibility,
      float[] confidence) {
    return refine(
        slots, count, templates, locked, iterations, settle, xy, visibility, confidence, -1, null);
  }

  /** The single stages inside {@link #refine}, for parity tests and profilers. */
  Stages stages();

  /** Frees everything; a second call does nothing. */
  @Override
  void close();

  /** Memory that is pinned until this is closed. */
  interface Pin extends AutoCloseable {
    @Override
    void close();
  }

  /** Views of single stages. Shapes as the golden packs have them; rows are points. */
  interface Stages {
    /**
     * Reads a level of a slot's pyramid.
     *
     * @param out (h, w, C), h and w as {@link Architecture#levelHeight} and {@link
     *     Architecture#levelWidth} say
     */
    void features(int slot, int level, float[] out);

    /**
     * Reads a point's template: {@code pips} (C), {@code mote} (levels, patch, C) with the patch
     * row-major.
     */
    void template(int template, float[] out);

    /**
     * Correlates the templates with the neighbourhood of a trajectory, on demand, at every level.
     *
     * @param xy (S, N, 2)
     * @param state as in {@link #mixerInput}
     * @param out (N, S, levels * patch * (2 radius + 1)^2), level-major, then patch pixel (pips:
     *     1), then position in the order of the golden README
     */
    void correlate(int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out);

    /**
     * What goes into the mixer: correlation, feature, embedded flow.
     *
     * @param state {@code pips}: the points' features (N, S, C); {@code mote}: the last logits (N,
     *     S, 2), visibility then confidence; null for the state before the first iteration
     * @param out (N, S, {@link Architecture#mixerInputs})
     */
    void mixerInput(
        int[] slots, int count, int[] templates, float[] xy, float[] state, float[] out);

    /**
     * The mixer with its head.
     *
     * @param in (N, S, {@link Architecture#mixerInputs})
     * @param out {@code pips}: (N, S * (2 + C)); {@code mote}: (N, S, 4), before the scaling by 4
     */
    void mixer(int count, float[] in, float[] out);

    /**
     * Nanoseconds spent in each stage of {@link Backend#encode}, {@link Backend#sample} and {@link
     * Backend#refine} since the backend was opened, in the order of the work; empty where a backend
     * keeps no clocks.
     */
    default Map<String, Long> nanos() {
      return Map.of();
    }

    /**
     * Records what runs inside the operations from here on, or no more; at first nothing is
     * recorded. Records nothing where a backend cannot look inside. {@link
     * mote.engine.profile.Profile} makes tables of it.
     */
    default void record(boolean on) {}

    /**
     * Begins a range of the calling thread for the device maker's own profilers (NVTX), inside of
     * those that are open; does nothing where there is none.
     */
    default void push(String range) {}

    /** Ends the range that began last. */
    default void pop() {}

    /** Who takes the ranges, or why nobody does, for people; null where a device has none. */
    default String ranges() {
      return null;
    }

    /** What was recorded since the last call; waits until the device has done it. */
    default List<Span> take() {
      return List.of();
    }
  }
}
