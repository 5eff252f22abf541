package mote.engine;

/**
 * The sizes that a backend allocates for, once, when it is opened.
 *
 * @param sourceHeight rows of the frames as they come, at least 1
 * @param sourceWidth columns of the frames as they come, at least 1
 * @param height rows of the working picture that is encoded, at least {@value #SMALLEST}
 * @param width columns of the working picture, at least {@value #SMALLEST}
 * @param stride pixels per feature pixel, 4 or 8
 * @param slots feature maps held at once (a ring), at least the model's window
 * @param points templates held at once, and points refined at once
 */
public record Plan(
    int sourceHeight, int sourceWidth, int height, int width, int stride, int slots, int points) {
  public static final int SMALLEST = 32;
  public static final int LARGEST = 8192;
  public static final int MOST_POINTS = 1 << 16;

  public Plan {
    range("source_height", sourceHeight, 1, LARGEST);
    range("source_width", sourceWidth, 1, LARGEST);
    range("height", height, SMALLEST, LARGEST);
    range("width", width, SMALLEST, LARGEST);
    if (stride != 4 && stride != 8) {
      throw new MoteException("stride is not supported: stride=" + stride + "; use 4 or 8");
    }
    range("slots", slots, 1, 4096);
    range("points", points, 1, MOST_POINTS);
  }

  /** A plan for frames that are encoded at the size they come in. */
  public static Plan unscaled(int height, int width, int stride, int slots, int points) {
    return new Plan(height, width, height, width, stride, slots, points);
  }

  /**
   * From a coordinate of the source picture to the working picture along x: {@code x' = (x + 0.5) *
   * s - 0.5} with {@code s = width / sourceWidth}.
   */
  public float workingX(float x) {
    return (float) ((x + 0.5) * width / sourceWidth - 0.5);
  }

  /** As {@link #workingX}, along y. */
  public float workingY(float y) {
    return (float) ((y + 0.5) * height / sourceHeight - 0.5);
  }

  /** The inverse of {@link #workingX}. */
  public float sourceX(float x) {
    return (float) ((x + 0.5) * sourceWidth / width - 0.5);
  }

  /** The inverse of {@link #workingY}. */
  public float sourceY(float y) {
    return (float) ((y + 0.5) * sourceHeight / height - 0.5);
  }

  private static void range(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new MoteException(
          "size is out of range: " + name + "=" + value + "; give " + least + " to " + most);
    }
  }
}
