package mote.cli;

import mote.cli.bench.BenchCommand;
import mote.cli.demo.DemoCommand;
import mote.cli.eval.EvalCommand;
import mote.cli.profile.ProfileCommand;
import picocli.CommandLine.Command;

/** {@code mote}: the commands by themselves. */
@Command(
    name = "mote",
    description = "Tracks any pixel of a video through occlusions.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:the work failed; the message says why and what to do",
      "2:wrong usage, seen from the command line alone; the message says what is right",
      "130:interrupted; what had been tracked until then was kept"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote demo                 a clip with known tracks, tracked and measured",
      "  mote track --help         options and examples of one command",
      "  mote bundle --help        one archive that checks and measures the CUDA engine elsewhere",
      "",
      "MOTE_DEBUG=1 adds stack traces to errors."
    },
    subcommands = {
      DemoCommand.class,
      TrackCommand.class,
      LiveCommand.class,
      StreamCommand.class,
      PickCommand.class,
      VerifyCommand.class,
      ConvertCommand.class,
      InfoCommand.class,
      EvalCommand.class,
      BenchCommand.class,
      ProfileCommand.class,
      VersionCommand.class
    })
final class MoteCommand {}
