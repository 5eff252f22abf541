package mote.engine.profile;

/**
 * What a piece of work has to do.
 *
 * @param operations floating point operations by the direct method, 2 for each multiply-add
 * @param bytes that must be read and written at least: what goes in, what comes out and the
 *     weights, each once
 */
public record Work(double operations, double bytes) {
  public static final Work NONE = new Work(0, 0);

  public Work plus(Work more) {
    return new Work(operations + more.operations, bytes + more.bytes);
  }

  public Work times(double factor) {
    return new Work(operations * factor, bytes * factor);
  }
}
