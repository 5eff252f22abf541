package mote.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import mote.engine.FrameSource;
import mote.engine.Frames;
import mote.engine.MoteException;
import mote.engine.track.FrameSpool;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * An animated gif in two passes, since its palette is made of all frames: they are kept in a {@link
 * FrameSpool} while FFmpeg's palettegen counts their colours, and drawn with that palette
 * (paletteuse, ordered dithering, which stays still where the picture does) when the clip is over.
 *
 * <p>Delays are whole hundredths of a second, rounded so that errors do not add up. A frame that
 * would be shown for less than two of them is dropped: viewers take shorter delays for 0.1 s.
 */
final class GifEncoder implements FrameEncoder {
  private static final int TICKS_PER_SECOND = 100;
  private static final int SHORTEST_DELAY = 2;
  private static final long DEFAULT_DELAY = 4;

  /** Pictures for each picture of the marks' colours that the palette is made of. */
  private static final int PICTURES_A_CHART = 16;

  private final Path temporary;
  private final Path file;
  private final int height;
  private final int width;
  private final FrameSpool spool;
  private final FilterGraph palette;
  private final MarkColours marks = new MarkColours();
  private long lastTick = -SHORTEST_DELAY;
  private boolean closed;

  GifEncoder(Path temporary, Path file, int height, int width) {
    Ffmpeg.load();
    this.temporary = temporary;
    this.file = file;
    this.height = height;
    this.width = width;
    spool = FrameSpool.create(height, width);
    try {
      palette = FilterGraph.palettegen(height, width);
    } catch (RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  @Override
  public void encode(MemorySegment rgb, long nanos) {
    long tick = avutil.av_rescale(nanos, TICKS_PER_SECOND, 1_000_000_000L);
    if (tick - lastTick < SHORTEST_DELAY) {
      return;
    }
    lastTick = tick;
    spool.append(spool.count(), tick, rgb);
    marks.note(rgb);
    count(rgb, spool.count() - 1);
  }

  /** Lets the palette know a picture's colours. */
  private void count(MemorySegment rgb, long time) {
    AVFrame frame = pictureFrame(rgb, time, true);
    try {
      palette.push(0, frame);
    } finally {
      avutil.av_frame_free(frame);
    }
  }

  /** Weighs the marks' colours as if they filled a share of the clip. */
  private void countMarks() {
    if (marks.isEmpty()) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment chart = arena.allocate(3L * height * width);
      marks.chart(chart);
      long pictures = spool.count();
      for (long i = 0; i < pictures; i += PICTURES_A_CHART) {
        count(chart, pictures + i);
      }
    }
  }

  @Override
  public void finish() {
    AVFrame colours = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    countMarks();
    palette.end(0);
    try (BufferAllocator allocator = new RootAllocator();
        Frames one = new Frames(allocator, height, width, 1);
        FrameSource frames = spool.forward()) {
      if (!palette.pull(colours)) {
        throw new MoteException(
            "a gif's palette cannot be made: file=%s, frames=%d; write .mp4 instead"
                .formatted(file, spool.count()));
      }
      try (FilterGraph painter = FilterGraph.paletteuse(height, width);
          EncodedFile output = open()) {
        painter.push(1, colours);
        painter.end(1);
        paint(frames, one, painter, output);
        output.finish();
      }
    } finally {
      avutil.av_frame_free(colours);
    }
  }

  private void paint(FrameSource frames, Frames one, FilterGraph painter, EncodedFile output) {
    AVFrame painted = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    long last = -DEFAULT_DELAY;
    try {
      boolean more = true;
      while (more) {
        more = frames.read(one) > 0;
        if (more) {
          AVFrame frame = pictureFrame(one.picture(0), one.timestampNanos(0), false);
          try {
            painter.push(0, frame);
          } finally {
            avutil.av_frame_free(frame);
          }
        } else {
          painter.end(0);
        }
        while (painter.pull(painted)) {
          long tick = painted.pts();
          output.write(painted, last < 0 ? DEFAULT_DELAY : tick - last);
          last = tick;
          avutil.av_frame_unref(painted);
        }
      }
    } finally {
      avutil.av_frame_free(painted);
    }
  }

  private EncodedFile open() {
    AVCodec encoder = Ffmpeg.allocated(avcodec.avcodec_find_encoder_by_name("gif"), "gif");
    AVCodecContext codec = Ffmpeg.allocated(avcodec.avcodec_alloc_context3(encoder), "encoder");
    codec.width(width).height(height).pix_fmt(avutil.AV_PIX_FMT_PAL8);
    codec.time_base(new AVRational().num(1).den(TICKS_PER_SECOND));
    return new EncodedFile(temporary, file, "gif", encoder, codec);
  }

  /**
   * A frame of FFmpeg's own with the picture's pixels.
   *
   * @param coarse keeps 6 bits a channel: enough for a palette, and palettegen's list of colours
   *     stays under 2^18 entries however long the clip is
   */
  private AVFrame pictureFrame(MemorySegment rgb, long tick, boolean coarse) {
    AVFrame frame = Ffmpeg.allocated(avutil.av_frame_alloc(), "frame");
    frame.width(width).height(height).format(avutil.AV_PIX_FMT_RGB24);
    frame.color_range(avutil.AVCOL_RANGE_JPEG);
    frame.colorspace(avutil.AVCOL_SPC_RGB);
    frame.pts(tick);
    int code = avutil.av_frame_get_buffer(frame, 0);
    if (code < 0) {
      avutil.av_frame_free(frame);
      Ffmpeg.require(code, "memory is exhausted", file, "use a smaller video");
    }
    long stride = frame.linesize(0);
    MemorySegment pixels = NativeAddress.segment(frame.data(0), stride * height);
    long row = 3L * width;
    for (int y = 0; y < height; y++) {
      if (!coarse) {
        MemorySegment.copy(rgb, y * row, pixels, y * stride, row);
        continue;
      }
      for (long i = 0; i < row; i++) {
        int v = rgb.get(ValueLayout.JAVA_BYTE, y * row + i) & 0xfc;
        pixels.set(ValueLayout.JAVA_BYTE, y * stride + i, (byte) (v | v >> 6));
      }
    }
    return frame;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      palette.close();
      spool.close();
    }
  }
}
