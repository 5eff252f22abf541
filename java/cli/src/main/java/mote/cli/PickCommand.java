package mote.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import mote.engine.AtomicFile;
import mote.engine.MoteException;
import mote.media.GridPicture;
import mote.media.PointPicker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mote pick}: points by clicking, or by reading a grid. */
@Command(
    name = "pick",
    description = {
      "Opens a window to click points in and writes a points file.",
      "Where there is no display, writes a picture with a coordinate grid to read them off, and a",
      "points file to fill in."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  mote pick walk.mp4 --out points.csv",
      "  mote pick walk.mp4 --no-window --frame 30 --out points.csv   writes points.png,"
          + " points.csv",
      "  mote track walk.mp4 --points-file points.csv --out walk.csv"
    })
final class PickCommand implements Callable<Integer> {
  private static final String HEADER = "x,y,frame\n";

  @Parameters(paramLabel = "VIDEO", description = "a video file or a folder of pictures")
  private Path video;

  @Option(
      names = "--out",
      paramLabel = "F.csv",
      defaultValue = "points.csv",
      description = "points file; default: ${DEFAULT-VALUE}")
  private Path out;

  @Option(names = "--no-window", description = "the picture with a grid also where a display is")
  private boolean noWindow;

  @Option(
      names = "--frame",
      paramLabel = "N",
      defaultValue = "0",
      description = "frame of the picture with a grid; default: ${DEFAULT-VALUE}")
  private long frame;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    if (frame < 0) {
      throw new UsageException("frame is negative: frame=" + frame + "; give 0 or more");
    }
    if (Files.isDirectory(out)) {
      throw new MoteException("output is a folder: path=" + out + "; name a file in it");
    }
    OutputFile.refuseReplacing(out, video);
    if (!noWindow && PointPicker.hasDisplay()) {
      int points = PointPicker.pick(video, out);
      err.println(
          "mote: "
              + (points == 0
                  ? "no points were saved"
                  : "wrote " + out + ": " + points + " points"));
      return 0;
    }
    if (!noWindow) {
      err.println("mote: no display for a window: a picture with a grid is written instead");
    }
    String name = out.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    Path picture = out.resolveSibling(name + ".png");
    refuseSpoiling(picture);
    err.println("mote: " + GridPicture.write(video, frame, picture));
    if (Files.exists(out)) {
      err.println("mote: " + out + " is there already and was left alone");
    } else {
      AtomicFile.write(out, this::writeHeader);
      err.println("mote: wrote " + out + ": add a line x,y,frame for each point");
    }
    return 0;
  }

  /** The grid's picture must neither replace the video nor become one of its frames. */
  private void refuseSpoiling(Path picture) {
    OutputFile.refuseReplacing(picture, video);
    if (OutputFile.isSame(picture.toAbsolutePath().getParent(), video)) {
      throw new MoteException(
          "picture with a grid would become a frame of the video: picture=%s, video=%s; give --out in another folder"
              .formatted(picture, video));
    }
  }

  private void writeHeader(Path temporary) throws IOException {
    Files.writeString(temporary, HEADER);
  }
}
