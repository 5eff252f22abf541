package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Help, versions and wrong usage. */
class HelpTest extends CliFixture {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "track", "live", "stream", "pick", "verify", "convert", "info", "eval", "bench",
        "profile"
      })
  void everyCommandShowsExamples(String command) {
    Ran help = run(command, "--help").expect(0);
    assertContains(help.out(), "Examples:");
    assertContains(help.out(), "mote " + command + " ");
    assertEquals("", help.err());
    assertContains(run("--help").expect(0).out(), "  " + command + " ");
  }

  /** The list of commands shows the first line of each description. */
  @Test
  void everyCommandIsDescribedByAWholeSentence() {
    new CommandLine(new MoteCommand())
        .getSubcommands()
        .forEach(
            (name, command) -> {
              String first = command.getCommandSpec().usageMessage().description()[0];
              assertTrue(first.endsWith("."), name + ": " + first);
            });
  }

  @Test
  void versions() {
    String version = run("--version").expect(0).out();
    assertTrue(version.matches("(?s)mote \\d+\\.\\d+.*Java 25.*"), version);
    assertEquals(version, run("version").expect(0).out());
  }

  private static Object[] with(String[] command, String option, String value) {
    List<Object> words = new ArrayList<>(List.of((Object[]) command));
    words.add(option);
    words.add(value);
    return words.toArray();
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
    for (String command : List.of("live", "stream")) {
      String[] source =
          command.equals("live") ? new String[] {"live", "v.mp4"} : new String[] {"stream"};
      assertContains(
          run(with(source, "--search", "-1")).expect(2).err(),
          "searches are out of range: searches=-2; give 0 to 65536");
      assertContains(
          run(with(source, "--settle", "65")).expect(2).err(),
          "threshold is out of range: settle=65.0; give working pixels, 0 to 64");
    }
  }

  /** All of these are seen without a file: v.mp4 does not exist. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "--points= | no point is given: points=\"\"; write x,y or x,y@frame, separated by ;",
        "--points=1;2 | point is malformed: point=0, text=\"1\"; write x,y or x,y@frame, separated by ;",
        "--grid=x | grid is malformed: grid=\"x\"; give N or N@frame, for example 16@30",
        "--grid=0 | grid is out of range: n=0; give 1 to 256",
        "--grid=257@3 | grid is out of range: n=257; give 1 to 256",
        "--start=soon | time is malformed: time=\"soon\"; give seconds (1.5) or a frame (45f)",
        "--start=5f --end=5f | range is empty: start=5f, end=5f; give an end behind the start",
        "--start=2 --end=1.5s | range is empty: start=2.0, end=1.5; give an end behind the start",
        "--end=0 | range is empty: start=0, end=0.0; give an end behind the start",
        "--size=640 | size is malformed: size=\"640\"; give WxH, for example 640x352",
        "--size=-1x5 | size is malformed: size=\"-1x5\"; give WxH, for example 640x352",
        "--size=0x32 | size is out of range: width=0, height=32; give 32 to 8192 for both",
        "--size=64x16 | size is out of range: width=64, height=16; give 32 to 8192 for both",
        "--iterations=0 | iterations are out of range: iterations=0; give 1 to 64",
        "--iterations=65 | iterations are out of range: iterations=65; give 1 to 64",
        "--iterations=-2 | iterations are out of range: iterations=\"-2\"; give 1 to 64",
        "--backend=gpu | backend is unknown: backend=\"gpu\"; give auto, cuda, cpu or reference",
        "--gemm=mkl | products are unknown: gemm=\"mkl\"; give auto, fused or cublas",
        "--trail=3 | trail without a video to draw it on: trail=3; give --overlay too",
        "--overlay=o.gif --trail=-1 | trail is negative: trail=-1; give 0 or more frames",
        "--overlay=o.avi | a video's suffix is not one that can be written: file=o.avi; use .mp4, .webm or .gif",
        "--out=t.xls | suffix of the tracks' file is unknown: path=t.xls; end it in .arrow, .csv, .npz or .json",
      })
  void wrongValuesAreTwoAndSayWhatIsRight(String options, String message) {
    List<Object> command = new ArrayList<>(List.of("track", "v.mp4"));
    command.addAll(List.of(options.split(" ")));
    if (!options.startsWith("--points") && !options.startsWith("--grid")) {
      command.add("--grid=3");
    }
    if (!options.startsWith("--out")) {
      command.add("--out=t.csv");
    }
    Ran ran = run(command.toArray()).expect(2);
    assertEquals(
        List.of("mote: " + message, "Try 'mote track --help'."), ran.err().lines().toList());
    assertEquals("", ran.out());
  }

  @Test
  void wrongValuesOfOtherCommandsAreTwoToo() {
    assertSaid(
        run("pick", "v.mp4", "--frame", "-1").expect(2),
        "frame is negative: frame=-1; give 0 or more");
    assertSaid(
        run("stream", "--listen", "grpc://127.0.0.1:0").expect(2),
        "transport is not part of this run: scheme=grpc; start with MOTE_FLIGHT=1 ./mote, or listen on tcp://");
    assertSaid(
        run("bench", "--only", "all").expect(2),
        "no case begins like this: only=\"all\"; give the beginning of one of peak,");
    assertSaid(
        run("profile", "--points", "0").expect(2),
        "points are out of range: points=0; give 1 to 65536");
    assertSaid(
        run("profile", "--frames", "1").expect(2),
        "frames are out of range: frames=1; give 2 to 1000000");
    assertSaid(
        run("profile", "v.mp4", "--size", "64x48").expect(2),
        "pictures have the size of their video: size=64x48; leave out --size or VIDEO");
    assertContains(run("profile", "--live", "--offline").expect(2).err(), "mutually exclusive");
    assertSaid(
        run("eval", "scenes", "--iterations", "x").expect(2),
        "iterations are out of range: iterations=\"x\"; give 1 to 64");
    assertSaid(
        run("eval", "tapvid", "v.pkl", "--query-mode", "last").expect(2),
        "query mode is unknown: query_mode=\"last\"; give first or strided");
    assertSaid(
        run("verify", "p.safetensors", "--backend", "reference", "--gemm", "cublas").expect(2),
        "products are chosen on the CUDA engine alone: gemm=cublas, backend=reference; give --backend cuda, or leave --gemm out");
    assertContains(run("demo", "--precision", "f8").expect(2).err(), "f8");
  }

  @Test
  void noStackTraceWithoutBeingAsked() {
    Ran failed = run("info", folder.resolve("none.safetensors")).expect(1);
    assertFalse(failed.err().contains("\tat "), failed.err());
    assertTrue(failed.err().startsWith("mote: "), failed.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "version",
        "demo",
        "track",
        "live",
        "stream",
        "pick",
        "verify",
        "convert",
        "info",
        "eval",
        "eval badja",
        "eval house",
        "eval scenes",
        "eval tapvid",
        "bench",
        "bench live",
        "bench stream",
        "profile"
      })
  void everyCommandSaysItsVersion(String command) {
    Object[] arguments = (command + " --version").strip().split(" ");
    assertTrue(run(arguments).expect(0).out().matches("mote [0-9][^\n]*\nJava [^\n]*\n"), command);
  }
}
