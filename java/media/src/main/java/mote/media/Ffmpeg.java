package mote.media;

import java.util.ArrayDeque;
import java.util.Deque;
import mote.engine.MoteException;
import org.bytedeco.ffmpeg.avutil.LogCallback;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;

/**
 * What all users of FFmpeg share: it is loaded once, prints nothing, and what it would have printed
 * about an error becomes part of our messages.
 */
final class Ffmpeg {
  private static final int KEPT_LINES = 4;
  private static final int MAX_LINE = 200;

  /** What the calling thread's FFmpeg calls complained about since {@link #clearComplaints}. */
  private static final ThreadLocal<Deque<String>> COMPLAINTS =
      ThreadLocal.withInitial(ArrayDeque::new);

  /** Everything that is said to this thread, while {@link #listen} runs. */
  private static final ThreadLocal<StringBuilder> HEARD = new ThreadLocal<>();

  /** FFmpeg keeps the pointer: it must stay reachable. Null where there is no FFmpeg. */
  private static final LogCallback LOG = connect();

  private Ffmpeg() {}

  private static LogCallback connect() {
    try {
      Loader.load(avutil.class);
    } catch (LinkageError e) {
      return null; // load() says so
    }
    LogCallback log =
        new LogCallback() {
          @Override
          public void call(int level, BytePointer message) {
            StringBuilder heard = HEARD.get();
            if (heard != null) {
              heard.append(message.getString());
            } else if (level <= avutil.AV_LOG_ERROR) {
              complain(message.getString());
            }
          }
        };
    avutil.av_log_set_level(avutil.AV_LOG_ERROR);
    avutil.setLogCallback(log);
    return log;
  }

  /**
   * Loads FFmpeg where that has not happened yet.
   *
   * @throws MoteException where there is none for this platform
   */
  static void load() {
    if (LOG == null) {
      throw new MoteException(
          "videos cannot be read or written here: platform=%s, missing=FFmpeg; use Linux on x86-64"
              .formatted(Loader.getPlatform()));
    }
  }

  /** Does something for the sake of what FFmpeg says about it, information too. */
  static synchronized String listen(Runnable work) {
    StringBuilder heard = new StringBuilder();
    HEARD.set(heard);
    avutil.av_log_set_level(avutil.AV_LOG_INFO);
    try {
      work.run();
    } finally {
      avutil.av_log_set_level(avutil.AV_LOG_ERROR);
      HEARD.remove();
    }
    return heard.toString();
  }

  static void clearComplaints() {
    COMPLAINTS.get().clear();
  }

  /** Whether this thread's calls complained with these words since {@link #clearComplaints}. */
  static boolean complainedOf(String words) {
    return COMPLAINTS.get().stream().anyMatch(line -> line.contains(words));
  }

  /** The error code in words, with what FFmpeg said about it. */
  static String describe(int code) {
    byte[] text = new byte[256];
    avutil.av_strerror(code, text, text.length);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    String words = new String(text, 0, length, java.nio.charset.StandardCharsets.UTF_8);
    Deque<String> said = COMPLAINTS.get();
    return said.isEmpty() ? words : words + " (" + String.join("; ", said) + ")";
  }

  /** Throws what {@link #describe} says of a negative code. */
  static void require(int code, String reason, Object file, String remedy) {
    if (code < 0) {
      throw new MoteException(
          "%s: file=%s, cause=%s; %s".formatted(reason, file, describe(code), remedy));
    }
  }

  /** Guards against allocation functions that return null. */
  static <T extends org.bytedeco.javacpp.Pointer> T allocated(T pointer, String what) {
    if (pointer == null || pointer.isNull()) {
      throw new MoteException(
          "memory for video is exhausted: object=%s; give the process more memory".formatted(what));
    }
    return pointer;
  }

  private static void complain(String message) {
    String line = message.strip();
    if (line.isEmpty()) {
      return;
    }
    // FFmpeg puts "[demuxer @ 0x7f...] " in front: an address says nothing to a reader.
    line = line.replaceAll("\\[([^\\]@]*) @ 0x[0-9a-f]+\\] ?", "");
    if (line.contains("not on whitelist")) {
      line = "the container is not one of those that are read";
    }
    Deque<String> said = COMPLAINTS.get();
    if (said.size() == KEPT_LINES) {
      said.removeFirst();
    }
    said.addLast(line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line);
  }
}
