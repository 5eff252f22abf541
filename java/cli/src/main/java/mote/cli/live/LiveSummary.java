package mote.cli.live;

import java.util.LinkedHashMap;
import java.util.Map;
import mote.engine.live.LiveTracker;
import mote.media.LiveSource;

/** What {@code mote live --json} says of a run, as java/cli/JSON.md describes it. */
public final class LiveSummary {
  private LiveSummary() {}

  /**
   * All but the files that were written.
   *
   * @param source may be over
   * @param tracker still open
   * @param complete whether nothing failed
   * @return the fields in their order; more may be added
   */
  public static Map<String, Object> of(
      LiveStatistics statistics, LiveSource source, LiveTracker tracker, boolean complete) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("source", source.name());
    summary.put("width", tracker.width());
    summary.put("height", tracker.height());
    summary.put("working_width", tracker.backend().plan().width());
    summary.put("working_height", tracker.backend().plan().height());
    summary.put("model", tracker.backend().architecture().name());
    summary.put("backend", tracker.backend().name());
    summary.put("frames", statistics.frames());
    summary.put("received", source.received());
    summary.put("dropped", source.dropped());
    summary.put("damaged", source.damaged());
    summary.put("reconnects", source.reconnects());
    summary.put("points", statistics.points());
    summary.put("lost", statistics.lost());
    summary.put("seconds", statistics.seconds());
    summary.put("frames_per_second", statistics.framesPerSecond());
    Latencies latencies = statistics.latencies();
    boolean measured = latencies.count() > 0;
    summary.put("p50_ms", measured ? latencies.percentileMillis(50) : null);
    summary.put("p99_ms", measured ? latencies.percentileMillis(99) : null);
    summary.put("worst_ms", measured ? latencies.worstMillis() : null);
    summary.put("complete", complete);
    return summary;
  }
}
