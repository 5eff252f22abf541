package mote.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A stage, kernel or copy, for the JVM's flight recorder; recorded when its time is known. */
@Name("mote.Part")
@Label("Stage, kernel or copy")
@Category("Mote")
@Description("What a profiled backend did inside an operation; stamped when its time was read")
@Enabled(false)
@StackTrace(false)
final class PartEvent extends Event {
  @Label("Name")
  String name;

  @Label("Lane")
  String lane;

  @Label("Time")
  @Timespan(Timespan.NANOSECONDS)
  long time;

  @Label("Operations")
  double operations;

  @Label("Bytes")
  @DataAmount
  long bytes;

  @Label("Detail")
  String detail;
}
