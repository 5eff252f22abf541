package mote.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import mote.engine.MoteException;

/**
 * What the JVM did beside the work, as its flight recorder saw it: operations for which all threads
 * stood still (collections by their collectors' names, and others), and compilations, which take a
 * processor away.
 */
final class JvmPauses implements AutoCloseable {
  private static final String OPERATION = "jdk.ExecuteVMOperation";
  private static final String COMPILATION = "jdk.Compilation";

  private final Recording recording = new Recording();
  private Instant began;

  JvmPauses() {
    recording.enable(OPERATION).withThreshold(Duration.ZERO).withoutStackTrace();
    recording.enable(COMPILATION).withThreshold(Duration.ZERO).withoutStackTrace();
    recording.start();
  }

  /** From here on it counts. */
  void start() {
    began = Instant.now();
  }

  /**
   * By name {@code count}, {@code total_ms} and {@code worst_ms} since {@link #start}; compilations
   * under {@code compilation}. Empty where nothing was.
   */
  Map<String, Map<String, Double>> stop() {
    Instant ended = Instant.now();
    recording.stop();
    Map<String, Map<String, Double>> found = new TreeMap<>();
    try {
      Path file = Files.createTempFile("mote-bench", ".jfr");
      try {
        recording.dump(file);
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          String name = name(event);
          if (name != null
              && event.getEndTime().isAfter(began)
              && event.getStartTime().isBefore(ended)) {
            add(found.computeIfAbsent(name, first -> new LinkedHashMap<>()), event);
          }
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new MoteException(
          "what the JVM did cannot be read: cause=" + e + "; check the disk for temporary files",
          e);
    }
    return found;
  }

  private static String name(RecordedEvent event) {
    return switch (event.getEventType().getName()) {
      case OPERATION -> event.getBoolean("safepoint") ? event.getString("operation") : null;
      case COMPILATION -> "compilation";
      default -> null;
    };
  }

  private static void add(Map<String, Double> figures, RecordedEvent event) {
    double millis = event.getDuration().toNanos() / 1e6;
    figures.merge("count", 1.0, Double::sum);
    figures.merge("total_ms", millis, Double::sum);
    figures.merge("worst_ms", millis, Math::max);
  }

  @Override
  public void close() {
    recording.close();
  }
}
