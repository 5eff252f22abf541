package mote.media;

import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avfilter.AVFilter;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avfilter;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.Pointer;

/** One of FFmpeg's filters between sources of pictures and a sink. */
final class FilterGraph implements AutoCloseable {
  /** palettegen's output: 256 colours as 16x16 pixels. */
  private static final int PALETTE_SIDE = 16;

  private final AVFilterGraph graph;
  private final AVFilterContext[] sources;
  private final AVFilterContext sink;
  private boolean closed;

  /** RGB frames in, at the end one frame with the 256 colours that suit all of them. */
  static FilterGraph palettegen(int height, int width) {
    return new FilterGraph("palettegen", "stats_mode=full", source(height, width, "rgb24"));
  }

  /** RGB frames in as input 0 and a palette as input 1, frames of palette indices out. */
  static FilterGraph paletteuse(int height, int width) {
    return new FilterGraph(
        "paletteuse",
        "dither=bayer:bayer_scale=3:diff_mode=rectangle",
        source(height, width, "rgb24"),
        source(PALETTE_SIDE, PALETTE_SIDE, "bgra"));
  }

  private static String source(int height, int width, String format) {
    return "video_size=%dx%d:pix_fmt=%s:time_base=1/100:colorspace=gbr:range=pc"
        .formatted(width, height, format);
  }

  private FilterGraph(String filter, String arguments, String... inputs) {
    Ffmpeg.clearComplaints();
    graph = Ffmpeg.allocated(avfilter.avfilter_graph_alloc(), "filter graph");
    sources = new AVFilterContext[inputs.length];
    try {
      AVFilterContext middle = add(filter, arguments);
      for (int i = 0; i < inputs.length; i++) {
        sources[i] = add("buffer", inputs[i]);
        require(avfilter.avfilter_link(sources[i], 0, middle, i));
      }
      sink = add("buffersink", null);
      require(avfilter.avfilter_link(middle, 0, sink, 0));
      require(avfilter.avfilter_graph_config(graph, null));
    } catch (RuntimeException e) {
      avfilter.avfilter_graph_free(graph);
      throw e;
    }
  }

  private AVFilterContext add(String name, String arguments) {
    AVFilter filter = Ffmpeg.allocated(avfilter.avfilter_get_by_name(name), name);
    AVFilterContext context = new AVFilterContext((Pointer) null);
    require(avfilter.avfilter_graph_create_filter(context, filter, name, arguments, null, graph));
    return context;
  }

  /** Gives a frame, by reference, to an input. */
  void push(int input, AVFrame frame) {
    require(
        avfilter.av_buffersrc_add_frame_flags(
            sources[input], frame, avfilter.AV_BUFFERSRC_FLAG_KEEP_REF));
  }

  /** Says that an input is over. */
  void end(int input) {
    require(avfilter.av_buffersrc_add_frame_flags(sources[input], null, 0));
  }

  /** Takes a frame from the sink if there is one. */
  boolean pull(AVFrame into) {
    int code = avfilter.av_buffersink_get_frame(sink, into);
    if (code == avutil.AVERROR_EAGAIN() || code == avutil.AVERROR_EOF) {
      return false;
    }
    require(code);
    return true;
  }

  private static void require(int code) {
    if (code < 0) {
      throw new MoteException(
          "a picture filter failed: cause=%s; write .mp4 instead".formatted(Ffmpeg.describe(code)));
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      avfilter.avfilter_graph_free(graph);
    }
  }
}
