package mote.cli.eval;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.*;
import java.util.Comparator;
import java.util.List;
import javax.imageio.ImageIO;
import mote.engine.*;

/** SCRATCH. */
final class Sources {
  static FrameSource open(Path dir) {
    try {
      List<Path> files;
      try (var s = Files.list(dir)) {
        files = s.filter(p -> p.toString().matches(".*(jpg|png)")).sorted(Comparator.comparingInt(p -> Integer.parseInt(p.getFileName().toString().replaceAll("\\D", "")))).toList();
      }
      BufferedImage first = ImageIO.read(files.get(0).toFile());
      return new FrameSource() {
        int at;
        public int height() { return first.getHeight(); }
        public int width() { return first.getWidth(); }
        public long expectedFrames() { return files.size() - at; }
        public void close() {}
        public int read(Frames into) {
          into.clear();
          while (into.count() < into.capacity() && at < files.size()) {
            try {
              BufferedImage i = ImageIO.read(files.get(at).toFile());
              var seg = into.picture(into.count());
              for (int y = 0; y < i.getHeight(); y++) for (int x = 0; x < i.getWidth(); x++) for (int c = 0; c < 3; c++)
                seg.set(ValueLayout.JAVA_BYTE, (y * i.getWidth() + x) * 3 + c, (byte) i.getRaster().getSample(x, y, Math.min(c, i.getRaster().getNumBands() - 1)));
              into.append(at, at++ * 1000);
            } catch (IOException e) { throw new RuntimeException(e); }
          }
          return into.count();
        }
      };
    } catch (IOException e) { throw new RuntimeException(e); }
  }
}
