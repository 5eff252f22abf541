package mote.cli.demo;

/** The surfaces of the demo, painted from noise. Sizes are in texture pixels. */
final class Textures {
  private Textures() {}

  /** Terrazzo: chips of stone in a light ground. */
  static Texture terrazzo(int size, long seed) {
    Noise noise = new Noise(seed);
    Palette chips =
        new Palette(0x8c7a66, 0x56605e, 0xd9cdb8, 0x77645a, 0xe8e0d0, 0x98a19b, 0x5a524c);
    Palette ground = new Palette(0xb9b09f, 0xd8d0c0);
    return new Texture(
        size,
        (x, y, rgb) -> {
          double bend = 9 * (noise.fractal(x / 21, y / 21, 3) - 0.5);
          double[] cell = noise.cell((x + bend) / 19, (y - bend) / 19);
          double grain = 0.9 + 0.2 * noise.fractal(x / 3, y / 3, 2);
          if (cell[1] - cell[0] > 0.16 && cell[2] < 0.62) {
            double marbling = 0.85 + 0.3 * noise.fractal(x / 6 + 50, y / 6, 3);
            chips.pick(cell[2] / 0.62, grain * marbling, rgb);
          } else {
            ground.blend(noise.fractal(x / 60, y / 60, 4), grain, rgb);
          }
        });
  }

  /** Marble: veins along bent stripes. */
  static Texture marble(int size, long seed, double width, int... colours) {
    Noise noise = new Noise(seed);
    Palette palette = new Palette(colours);
    return new Texture(
        size,
        (x, y, rgb) -> {
          double turbulence = noise.fractal(x / 28, y / 28, 5);
          double stripe = 0.5 + 0.5 * Math.sin((x + 0.6 * y) / width + 9 * turbulence);
          palette.blend(stripe, 0.88 + 0.24 * noise.fractal(x / 4, y / 4, 2), rgb);
        });
  }

  /** Cloth: threads that cross, over broad patches of colour. */
  static Texture cloth(int size, long seed, int... colours) {
    Noise noise = new Noise(seed);
    Palette palette = new Palette(colours);
    return new Texture(
        size,
        (x, y, rgb) -> {
          double threads = 0.86 + 0.09 * (Math.sin(x * 1.1) + Math.sin(y * 1.1));
          long band = Math.floorMod((long) Math.floor(x / 11) + 3 * (long) Math.floor(y / 13), 97);
          double number = noise.at(band, (long) Math.floor(y / 13));
          palette.pick(number, threads + 0.12 * noise.fractal(x / 9, y / 9, 3), rgb);
        });
  }

  /** Petals and rings around the middle, spotted. */
  static Texture bloom(int size, long seed, int petals, int... colours) {
    Noise noise = new Noise(seed);
    Palette palette = new Palette(colours);
    return new Texture(
        size,
        (x, y, rgb) -> {
          double radius = Math.hypot(x, y);
          double angle = Math.atan2(y, x);
          double wave = 0.5 + 0.5 * Math.cos(petals * angle + 3 * noise.smooth(x / 12, y / 12));
          double t =
              0.55 * radius / 46 + 0.3 * wave + 0.35 * (noise.fractal(x / 7, y / 7, 3) - 0.5);
          palette.blend(t, 0.9 + 0.2 * noise.smooth(x / 2.5, y / 2.5), rgb);
        });
  }

  /** Wood: long rings with knots. */
  static Texture wood(int size, long seed) {
    Noise noise = new Noise(seed);
    Palette palette = new Palette(0x4a2e1a, 0x7d5230, 0x9a6b40, 0x6b4426);
    return new Texture(
        size,
        (x, y, rgb) -> {
          double bent = y + 14 * noise.fractal(x / 90, y / 30, 3);
          double rings = bent / 5 + 3 * noise.fractal(x / 70, y / 12, 3);
          double fibre = noise.fractal(x / 14, y / 1.7, 2);
          palette.blend(rings - Math.floor(rings), 0.75 + 0.5 * fibre, rgb);
        });
  }
}
