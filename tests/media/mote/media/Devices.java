package mote.media;

import static org.junit.jupiter.api.Assumptions.abort;

import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.javacpp.Loader;

/** FFmpeg's cameras and filters, and its program: they want libraries of the system. */
public final class Devices {
  private Devices() {}

  /** Leaves a test out where they cannot be loaded, and says why. */
  public static void require() {
    try {
      Loader.load(avdevice.class);
    } catch (LinkageError e) {
      abort("FFmpeg's devices cannot be loaded (libxcb1, libasound2, libpulse0): " + e);
    }
  }
}
