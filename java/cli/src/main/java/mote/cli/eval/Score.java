package mote.cli.eval;

/**
 * One number of an evaluation; the fields are those of the JSON (java/cli/JSON.md).
 *
 * @param method id of the {@link Method}
 * @param video or held-out scene set
 * @param metric id of what was measured
 * @param value in the metric's unit
 * @param count of point-frame pairs that went into it
 */
public record Score(String method, String video, String metric, double value, long count) {}
