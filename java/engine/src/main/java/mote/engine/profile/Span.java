package mote.engine.profile;

/**
 * Something that a backend did, with its place in time.
 *
 * @param kind an operation of the contract, or a part of one
 * @param name of the operation, stage, kernel or copy
 * @param lane what it ran on, for people: {@code host}, {@code thread 1}, {@code stream refine}
 * @param beginNanos on the clock of {@link System#nanoTime}
 * @param nanos how long it took
 * @param lanes that did work of this kind at the same time: the parts of an operation add up to its
 *     time if each counts as {@code nanos / lanes}
 * @param work what it had to do
 * @param detail for people, for example a kernel's geometry; may be empty
 */
public record Span(
    Kind kind,
    String name,
    String lane,
    long beginNanos,
    long nanos,
    int lanes,
    Work work,
    String detail) {
  /** The same under another name. */
  Span named(String name) {
    return new Span(kind, name, lane, beginNanos, nanos, lanes, work, detail);
  }

  /** Whether a span is the whole or a part. */
  public enum Kind {
    /** A call of {@link mote.engine.Backend}. */
    OPERATION,
    /** What a backend did inside operations: a stage of the model, or a kernel. */
    PART,
    /** Bytes that were moved between host and device. */
    COPY
  }
}
