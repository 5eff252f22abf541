package mote.cli;

import java.io.PrintWriter;
import mote.cpu.Awake;
import picocli.CommandLine.Option;

/** Whether the processors are kept from falling asleep while a command waits for frames. */
public final class AwakeOption {
  @Option(
      names = "--awake",
      description = {
        "keep the processors from falling asleep between frames: shorter and steadier latency,",
        "for more power; whatever has work goes first"
      })
  private boolean awake;

  /**
   * Says on {@code err} how many there are.
   *
   * @return to be closed at the end; null where it was not asked for
   * @throws mote.engine.MoteException if that cannot be done here
   */
  public Awake open(PrintWriter err) {
    if (!awake) {
      return null;
    }
    Awake opened = Awake.open();
    err.printf("mote: processors kept awake: %d%n", opened.processors());
    err.flush();
    return opened;
  }
}
