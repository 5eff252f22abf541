package mote.engine.profile;

/** Spans for the JVM's flight recorder, where a recording asks for them. */
final class Events {
  private Events() {}

  /** Parts and copies alone: operations are events of their own, with their own beginning. */
  static void tell(Span span) {
    PartEvent event = new PartEvent();
    if (span.kind() == Span.Kind.OPERATION || !event.shouldCommit()) {
      return;
    }
    event.name = span.name();
    event.lane = span.lane();
    event.time = span.nanos();
    event.operations = span.work().operations();
    event.bytes = Math.round(span.work().bytes());
    event.detail = span.detail();
    event.commit();
  }
}
