package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, versions and wrong usage. */
class HelpTest extends CliFixture {
  @ParameterizedTest
  @ValueSource(strings = {"demo", "track", "pick", "verify", "convert", "info", "eval", "bench"})
  void everyCommandShowsExamples(String command) {
    Ran help = run(command, "--help").expect(0);
    assertContains(help.out(), "Examples:");
    assertContains(help.out(), "mote " + command + " ");
    assertEquals("", help.err());
    assertContains(run("--help").expect(0).out(), "  " + command + " ");
  }

  @Test
  void versions() {
    String version = run("--version").expect(0).out();
    assertTrue(version.matches("(?s)mote \\d+\\.\\d+.*Java 25.*"), version);
    assertEquals(version, run("version").expect(0).out());
  }

  @Test
  void wrongUsageIsTwoWithAHint() {
    Ran unknown = run("trakc").expect(2);
    assertContains(unknown.err(), "trakc");
    assertContains(unknown.err(), "Try 'mote --help'.");
    assertEquals("", unknown.out());
    assertContains(run().expect(2).err(), "Missing required subcommand");
    Ran track = run("track", "v.mp4", "--points", "1,1", "--grid", "3", "--out", "t.csv").expect(2);
    assertContains(track.err(), "mutually exclusive");
    assertContains(track.err(), "Try 'mote track --help'.");
    assertContains(run("track", "v.mp4", "--out", "t.csv").expect(2).err(), "--grid");
    assertContains(run("track", "v.mp4", "--grid", "3").expect(2).err(), "--out");
  }

  @Test
  void wrongValuesAreTwoAndSayWhatIsRight() {
    String[] track = {"track", "v.mp4", "--out", "t.csv", "--grid"};
    assertContains(run(with(track, "x")).expect(2).err(), "'x' is no grid; give N or N@frame");
    assertContains(
        run(with(track, "3", "--start", "soon")).expect(2).err(),
        "'soon' is no time; give seconds (1.5) or a frame (45f)");
    assertContains(
        run(with(track, "3", "--size", "640")).expect(2).err(), "'640' is no size; give WxH");
    assertContains(run(with(track, "3", "--precision", "f8")).expect(2).err(), "f8");
  }

  @Test
  void noStackTraceWithoutBeingAsked() {
    Ran failed = run("info", folder.resolve("none.safetensors")).expect(1);
    assertFalse(failed.err().contains("\tat "), failed.err());
    assertTrue(failed.err().startsWith("mote: "), failed.err());
  }

  private static Object[] with(String[] start, String... more) {
    Object[] all = new Object[start.length + more.length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(more, 0, all, start.length, more.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "version",
        "demo",
        "track",
        "pick",
        "verify",
        "convert",
        "info",
        "eval",
        "eval badja",
        "eval house",
        "eval scenes",
        "bench"
      })
  void everyCommandSaysItsVersion(String command) {
    Object[] arguments = (command + " --version").strip().split(" ");
    assertTrue(run(arguments).expect(0).out().matches("mote [0-9][^\n]*\nJava [^\n]*\n"), command);
  }
}
