package mote.cli;

import java.io.PrintWriter;
import mote.cpu.Awake;
import picocli.CommandLine.Option;

/** Whether the processors are kept from falling asleep while a command waits for frames. */
public final class AwakeOption {
  @Option(
      names = "--awake",
      description =
          "keep all processors from falling asleep as long as this runs, frames or not: often a"
              + " shorter latency (compare mote bench live with and without), for more power;"
              + " counts as load to the programs of other sessions")
  private boolean asked;

  private int processors;

  /**
   * Says on {@code err} how many there are.
   *
   * @return to be closed at the end; null where it was not asked for
   * @throws mote.engine.MoteException if that cannot be done here
   */
  public Awake open(PrintWriter err) {
    if (!asked) {
      return null;
    }
    Awake awake = Awake.open();
    processors = awake.processors();
    err.printf("mote: processors kept awake: %d%n", processors);
    err.flush();
    return awake;
  }

  /** How many are kept awake since {@link #open}; 0 where it was not asked for. */
  public int processors() {
    return processors;
  }
}
