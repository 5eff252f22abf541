package mote.cli.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import mote.engine.MoteException;
import mote.media.Videos;

/**
 * BADJA's percentage of correct keypoints as PIPs measured it (Particle Video Revisited, table 4):
 * 20 joints of an animal, all of them queries on the first annotated frame, at 512x320; a joint is
 * hit where the error is under 0.2 * sqrt(area of the animal's mask).
 */
final class Badja {
  static final int HEIGHT = 320;
  static final int WIDTH = 512;

  /** Size of the pictures in which the joints were annotated. */
  private static final float ANNOTATED_HEIGHT = 1080;

  private static final float ANNOTATED_WIDTH = 1920;
  private static final double THRESHOLD = 0.2;

  /** Those of the 37 annotated joints that the protocol uses. */
  private static final int[] JOINTS = {
    8, 9, 10, 12, 13, 14, 15, 18, 19, 20, 22, 23, 24, 25, 28, 31, 32, 33, 35, 36
  };

  private static final Pattern FRAME = Pattern.compile("(\\d+)\\.[A-Za-z]+$");

  private final Path root;
  private final String video;
  private final TreeMap<Integer, Joints> annotations = new TreeMap<>();

  /** Joints of one frame: (20, 2) x, y at 512x320, and which can be seen. */
  private record Joints(float[] xy, boolean[] visible) {}

  private Badja(Path root, String video) {
    this.root = root;
    this.video = video;
  }

  /**
   * All videos of a folder that have both annotations ({@code badja/NAME.json}) and pictures
   * ({@code NAME/}), by name.
   *
   * @throws MoteException if there is none, or an annotation cannot be read
   */
  static List<Badja> open(Path root) {
    List<Badja> found = new ArrayList<>();
    if (Files.isDirectory(root.resolve("badja"))) {
      try (Stream<Path> files = Files.list(root.resolve("badja"))) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (name.endsWith(".json")) {
            Badja video = new Badja(root, name.substring(0, name.length() - ".json".length()));
            if (Files.isDirectory(video.pictures())) {
              video.readAnnotations(file);
              found.add(video);
            }
          }
        }
      } catch (IOException e) {
        throw new MoteException("folder cannot be read: folder=" + root + "; check it", e);
      }
    }
    if (found.isEmpty()) {
      throw new MoteException(
          "no annotated video: folder="
              + root
              + "; it must hold badja/NAME.json, NAME/00000.jpg... and masks/NAME/00000.png...");
    }
    return found;
  }

  String video() {
    return video;
  }

  /** The folder of the frames. */
  Path pictures() {
    return root.resolve(video);
  }

  /** What is to be tracked: every joint from the first annotated frame on. */
  Clip clip() {
    int[] frames = new int[JOINTS.length];
    java.util.Arrays.fill(frames, annotations.firstKey());
    float[] queries = annotations.firstEntry().getValue().xy();
    return new Clip(() -> Videos.open(pictures()), HEIGHT, WIDTH, frames, queries);
  }

  /**
   * The percentage of visible joints that were hit, and their errors in pixels, over the annotated
   * frames after the first.
   */
  List<Score> scores(String method, Estimate estimate) {
    long hits = 0;
    List<Double> errors = new ArrayList<>();
    for (Map.Entry<Integer, Joints> entry :
        annotations.tailMap(annotations.firstKey(), false).entrySet()) {
      int frame = entry.getKey();
      if (frame >= estimate.frames()) {
        break; // annotations may go on where the video at hand ends
      }
      Joints joints = entry.getValue();
      double radius = THRESHOLD * Math.sqrt(maskArea(frame));
      for (int n = 0; n < JOINTS.length; n++) {
        if (joints.visible()[n]) {
          double error = estimate.distance(frame, n, joints.xy()[2 * n], joints.xy()[2 * n + 1]);
          errors.add(error);
          hits += error < radius ? 1 : 0;
        }
      }
    }
    if (errors.isEmpty()) {
      throw new MoteException(
          "no visible joint is annotated after the first frame: video=%s, first=%d, frames=%d; give the whole video"
              .formatted(video, annotations.firstKey(), estimate.frames()));
    }
    int pairs = errors.size();
    return List.of(
        new Score(method, video, "pck", 100.0 * hits / pairs, pairs),
        new Score(method, video, "mean_px", Statistics.mean(errors), pairs),
        new Score(method, video, "median_px", Statistics.median(errors), pairs));
  }

  private void readAnnotations(Path file) {
    try {
      for (JsonNode node : new ObjectMapper().readTree(file.toFile())) {
        Matcher matcher = FRAME.matcher(node.required("image_path").asText());
        if (!matcher.find()) {
          throw new IllegalArgumentException("image_path=" + node.get("image_path"));
        }
        annotations.put(Integer.parseInt(matcher.group(1)), joints(node));
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new MoteException(
          "annotations cannot be read: file="
              + file
              + ", cause="
              + e.getMessage()
              + "; use BADJA's",
          e);
    }
    if (annotations.isEmpty()) {
      throw new MoteException("annotations are empty: file=" + file + "; use BADJA's");
    }
  }

  private static Joints joints(JsonNode node) {
    float[] xy = new float[JOINTS.length * 2];
    boolean[] visible = new boolean[JOINTS.length];
    for (int n = 0; n < JOINTS.length; n++) {
      JsonNode rowColumn = node.required("joints").required(JOINTS[n]);
      // No half pixel here: the protocol's scaling.
      xy[2 * n] = (float) rowColumn.required(1).asDouble() * WIDTH / ANNOTATED_WIDTH;
      xy[2 * n + 1] = (float) rowColumn.required(0).asDouble() * HEIGHT / ANNOTATED_HEIGHT;
      JsonNode flag = node.required("visibility").required(JOINTS[n]);
      visible[n] = flag.isBoolean() ? flag.asBoolean() : flag.asDouble() > 0;
    }
    return new Joints(xy, visible);
  }

  /** Pixels of the animal at 512x320, taken from the nearest mask pixel. */
  private long maskArea(int frame) {
    Path file = root.resolve("masks").resolve(video).resolve("%05d.png".formatted(frame));
    BufferedImage mask;
    try {
      mask = ImageIO.read(file.toFile());
    } catch (IOException e) {
      throw new MoteException("mask cannot be read: file=" + file + "; check the folder", e);
    }
    if (mask == null) {
      throw new MoteException("mask is not a picture: file=" + file + "; give a PNG file");
    }
    Raster raster = mask.getRaster();
    long area = 0;
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int column = x * mask.getWidth() / WIDTH;
        area += raster.getSample(column, y * mask.getHeight() / HEIGHT, 0) > 0 ? 1 : 0;
      }
    }
    return area;
  }
}
