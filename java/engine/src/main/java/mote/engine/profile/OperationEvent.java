package mote.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A call of a backend, for the JVM's flight recorder. */
@Name("mote.Operation")
@Label("Operation")
@Category("Mote")
@Description("A call of a profiled backend")
@Enabled(false)
@StackTrace(false)
final class OperationEvent extends Event {
  @Label("Operation")
  String operation;

  @Label("Backend")
  String backend;

  @Label("Points")
  int points;

  @Label("Iterations")
  int iterations;
}
