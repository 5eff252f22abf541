package mote.cli;

import mote.engine.live.LiveOptions;
import picocli.CommandLine.Option;

/** What commands that track live can set beyond the model: effort, search and cuts. */
final class LiveTuning {
  @Option(
      names = "--settle",
      paramLabel = "PIXELS",
      description =
          "a point that an iteration moves by less takes no further one, 0 to 64; default: 0, all do")
  private float settle;

  @Option(
      names = "--search",
      paramLabel = "N",
      description =
          "lost points that are looked for in a whole frame, at most; 0: none; default: 64 (pips: none)")
  private Integer searches;

  @Option(
      names = "--cuts",
      description = "notice scene cuts: all points are hidden then until they are found")
  private boolean cuts;

  /** Refuses what is out of range before anything is opened. */
  void check() {
    UsageException.check(
        () -> {
          LiveOptions.DEFAULT.withSettle(settle);
          if (searches != null) {
            // -1 is the word for the default inside, not outside.
            LiveOptions.DEFAULT.withSearches(searches == -1 ? -2 : searches);
          }
        });
  }

  /** Those options with what was asked for. */
  LiveOptions apply(LiveOptions options) {
    LiveOptions tuned = options.withCuts(cuts).withSettle(settle);
    return searches == null ? tuned : tuned.withSearches(searches);
  }
}
