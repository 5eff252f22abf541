package mote.cli.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import mote.cli.eval.Truth;

/**
 * A table top under a slowly swaying camera: things that slide, turn, grow and pass over and under
 * each other, one that leaves and comes back, and a beam in front of it all. Where every pixel of
 * it goes is known, seen or not.
 */
public final class DemoScene {
  public static final int WIDTH = 384;
  public static final int HEIGHT = 288;
  public static final int FRAMES = 90;
  public static final int FRAMES_PER_SECOND = 30;

  /** Points further inside than this are not queries: a border is nobody's surface. */
  private static final double MARGIN = 4;

  private static final double NOISE = 4.0 / 255;
  private static final double SHADOW = 0.45;

  private final List<Layer> layers = layers();

  /** Layer and local place of each query point. */
  private record Surface(int layer, double x, double y) {}

  /** The pictures, HEIGHT x WIDTH RGB triples each. */
  public List<byte[]> render() {
    return IntStream.range(0, FRAMES).parallel().mapToObj(this::render).toList();
  }

  /**
   * Random points of everything that can be seen on frame 0, with their way.
   *
   * @param perThing points on each moving thing
   * @param onTable points on the table
   */
  public Truth truth(int perThing, int onTable) {
    List<Surface> surfaces = surfaces(perThing, onTable);
    int points = surfaces.size();
    float[] xy = new float[FRAMES * points * 2];
    boolean[] visible = new boolean[FRAMES * points];
    for (int frame = 0; frame < FRAMES; frame++) {
      for (int n = 0; n < points; n++) {
        Surface surface = surfaces.get(n);
        Similarity motion = layers.get(surface.layer).motion().apply(frame);
        double x = motion.x(surface.x, surface.y);
        double y = motion.y(surface.x, surface.y);
        int at = frame * points + n;
        xy[2 * at] = (float) x;
        xy[2 * at + 1] = (float) y;
        visible[at] = inside(x, y) && top(frame, x, y) == surface.layer;
      }
    }
    return new Truth(FRAMES, points, xy, visible);
  }

  /** The table's surface, size x size RGB triples: a ground to track on for other purposes. */
  public static byte[] ground(int size) {
    Texture table = Textures.terrazzo(size, 1);
    byte[] picture = new byte[size * size * 3];
    float[] rgb = new float[3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        table.sample(x - size / 2.0, y - size / 2.0, rgb);
        for (int c = 0; c < 3; c++) {
          picture[(y * size + x) * 3 + c] = (byte) Math.round(255 * rgb[c]);
        }
      }
    }
    return picture;
  }

  private static List<Layer> layers() {
    List<Layer> layers = new ArrayList<>();
    Texture table = Textures.terrazzo(640, 1);
    layers.add(new Layer("table", Shape.everywhere(), table, camera(1), 0));
    Texture cloth = Textures.cloth(160, 2, 0x2a6f97, 0xf2e9d8, 0x89c2d9, 0x12436d, 0xe0a458);
    add(
        layers,
        "card",
        Shape.card(42, 33, 7),
        cloth,
        5,
        t ->
            Similarity.of(
                0.5 - 0.9 * t, 1 + 0.15 * sway(t, 1, 0), -60 + 40 * t, 55 - 75 * sway(t, 0.5, 0)));
    Texture green = Textures.marble(140, 3, 7, 0x0b3d2e, 0x1f7a55, 0xe9f5db, 0x52a675);
    add(
        layers,
        "marble",
        Shape.disc(31),
        green,
        8,
        t -> Similarity.of(2.6 * t, 1, 130 - 250 * t, -55 + 45 * sway(t, 0.9, 0.1)));
    Texture red = Textures.bloom(140, 4, 7, 0xffd166, 0xd62828, 0x8b1e3f, 0xf77f00, 0xfcefb4);
    add(
        layers,
        "flower",
        Shape.flower(33, 7, 0.16),
        red,
        12,
        t -> Similarity.of(-1.7 * t + 0.3, 1.05 - 0.2 * t, -150 + 260 * t, -95 + 190 * t));
    Texture violet = Textures.marble(160, 5, 5, 0x3c096c, 0xc77dff, 0x7b2cbf, 0xf3d9fa);
    add(
        layers,
        "ring",
        Shape.ring(22, 40),
        violet,
        10,
        t ->
            Similarity.of(
                1.2 * sway(t, 0.6, 0),
                1 + 0.12 * sway(t, 1.2, 0.3),
                25 + 85 * sway(t, 0.75, 0.5),
                62 - 80 * t));
    Texture gold = Textures.cloth(120, 6, 0xf4d35e, 0xee964b, 0x3d348b, 0xf7e3af, 0x9b2226);
    add(
        layers,
        "visitor",
        Shape.card(26, 26, 10),
        gold,
        9,
        t ->
            Similarity.of(
                0.2 + 1.1 * t, 1, 122 + 46 * (1 - Math.cos(2 * Math.PI * t)), 30 - 20 * t));
    Texture wood = Textures.wood(900, 7);
    IntFunction<Similarity> near = camera(1.5); // nearer than the table: it moves more
    Similarity place = Similarity.of(1.25, 1, 62, 0);
    layers.add(
        new Layer(
            "beam", Shape.card(400, 13, 3), wood, frame -> near.apply(frame).after(place), 26));
    return List.copyOf(layers);
  }

  private static void add(
      List<Layer> layers,
      String name,
      Shape shape,
      Texture texture,
      double height,
      java.util.function.DoubleFunction<Similarity> path) {
    IntFunction<Similarity> camera = camera(1);
    layers.add(
        new Layer(
            name,
            shape,
            texture,
            frame -> camera.apply(frame).after(path.apply((double) frame / (FRAMES - 1))),
            height));
  }

  /** A sine of time in [0, 1]: {@code turns} whole waves, from {@code phase} of one on. */
  private static double sway(double t, double turns, double phase) {
    return Math.sin(2 * Math.PI * (turns * t + phase));
  }

  /** From the table (pixels from its middle) to the picture; nearer things move more. */
  private static IntFunction<Similarity> camera(double nearness) {
    return frame -> {
      double t = (double) frame / (FRAMES - 1);
      double x = 34 * sway(t, 0.8, 0) + 1.2 * sway(t, 6.5, 0.2);
      double y = 16 * sway(t, 0.55, 0.05) + 0.9 * sway(t, 8.1, 0.6);
      double zoom = 1 + 0.1 * nearness * sway(t, 0.5, 0);
      Similarity view = Similarity.of(0.06 * sway(t, 0.7, 0), zoom, WIDTH / 2.0, HEIGHT / 2.0);
      return view.after(Similarity.of(0, 1, -nearness * x, -nearness * y));
    };
  }

  private List<Surface> surfaces(int perThing, int onTable) {
    List<Surface> surfaces = new ArrayList<>();
    Random random = new Random(20);
    for (int layer = 0; layer < layers.size() - 1; layer++) {
      Similarity toLocal = layers.get(layer).motion().apply(0).inverse();
      int wanted = layer == 0 ? onTable : perThing;
      for (int tries = 0; wanted > 0 && tries < 100_000; tries++) {
        double x = MARGIN + random.nextDouble() * (WIDTH - 1 - 2 * MARGIN);
        double y = MARGIN + random.nextDouble() * (HEIGHT - 1 - 2 * MARGIN);
        double localX = toLocal.x(x, y);
        double localY = toLocal.y(x, y);
        boolean well = layers.get(layer).shape().distance(localX, localY) < -MARGIN;
        if (well && top(0, x, y) == layer) {
          surfaces.add(new Surface(layer, localX, localY));
          wanted--;
        }
      }
      if (wanted > 0) {
        throw new IllegalStateException("nothing of it can be seen: " + layers.get(layer).name());
      }
    }
    return surfaces;
  }

  private static boolean inside(double x, double y) {
    return x >= -0.5 && x < WIDTH - 0.5 && y >= -0.5 && y < HEIGHT - 0.5;
  }

  /** The layer that is seen at a place of the picture. */
  private int top(int frame, double x, double y) {
    for (int layer = layers.size() - 1; layer > 0; layer--) {
      Similarity toLocal = layers.get(layer).motion().apply(frame).inverse();
      if (layers.get(layer).shape().distance(toLocal.x(x, y), toLocal.y(x, y)) < 0) {
        return layer;
      }
    }
    return 0;
  }

  /** One picture. */
  byte[] render(int frame) {
    byte[] picture = new byte[HEIGHT * WIDTH * 3];
    Similarity[] toLocal =
        layers.stream()
            .map(layer -> layer.motion().apply(frame).inverse())
            .toArray(Similarity[]::new);
    SplittableRandom random = new SplittableRandom(frame);
    double light = 1 + 0.05 * sway((double) frame / FRAMES, 0.7, 0.1);
    float[] rgb = new float[3];
    float[] surface = new float[3];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        colour(toLocal, x, y, rgb, surface);
        double far = Math.hypot((x - WIDTH / 2.0) / WIDTH, (y - HEIGHT / 2.0) / HEIGHT);
        double gain = light * (1.04 - 0.3 * far * far);
        for (int c = 0; c < 3; c++) {
          double value = rgb[c] * gain + NOISE * (random.nextDouble() - random.nextDouble());
          picture[(y * WIDTH + x) * 3 + c] = (byte) Math.clamp(Math.round(255 * value), 0, 255);
        }
      }
    }
    return picture;
  }

  /** Lays layer over layer: its shadow on what is below, then its surface, edges one pixel soft. */
  private void colour(Similarity[] toLocal, int x, int y, float[] rgb, float[] surface) {
    for (int index = 0; index < layers.size(); index++) {
      Layer layer = layers.get(index);
      Similarity to = toLocal[index];
      double localX = to.x(x, y);
      double localY = to.y(x, y);
      double reach = layer.shape().reach() + (2 * layer.height() + 1) * to.scale();
      if (localX * localX + localY * localY > reach * reach) {
        continue;
      }
      if (layer.height() > 0) {
        double aside = layer.height() * 0.6;
        double out = layer.shape().distance(to.x(x - aside, y - aside), to.y(x - aside, y - aside));
        double depth = Math.clamp(0.5 - out / (2 * layer.height()), 0, 1);
        float dark = (float) (1 - SHADOW * Noise.ease(depth));
        for (int c = 0; c < 3; c++) {
          rgb[c] *= dark;
        }
      }
      double out = layer.shape().distance(localX, localY) / to.scale();
      float alpha = (float) Math.clamp(0.5 - out, 0, 1);
      if (alpha > 0) {
        layer.texture().sample(localX, localY, surface);
        for (int c = 0; c < 3; c++) {
          rgb[c] += (surface[c] - rgb[c]) * alpha;
        }
      }
    }
  }
}
