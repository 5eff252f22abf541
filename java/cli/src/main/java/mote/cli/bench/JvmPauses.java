package mote.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import mote.engine.AtomicFile;
import mote.engine.MoteException;

/**
 * What the JVM did beside the work, as its flight recorder saw it: operations for which all threads
 * stood still (collections by their collectors' names, and others), and compilations, which take a
 * processor away.
 */
public final class JvmPauses implements AutoCloseable {
  private static final String OPERATION = "jdk.ExecuteVMOperation";
  private static final String COMPILATION = "jdk.Compilation";

  /**
   * Something that the JVM did.
   *
   * @param name of the operation for which all threads stood still, or {@code compilation}
   * @param beginNanos on the clock of {@link System#nanoTime}, to a millisecond or so
   */
  public record Pause(String name, long beginNanos, long nanos) {}

  private final Recording recording = new Recording();
  private Instant began;
  private Instant ended;
  private long beganNanos;

  /**
   * @param more names of events that {@link #save} is to have too
   */
  public JvmPauses(String... more) {
    for (String name : more) {
      recording.enable(name).withThreshold(Duration.ZERO).withoutStackTrace();
    }
    recording.enable(OPERATION).withThreshold(Duration.ZERO).withoutStackTrace();
    recording.enable(COMPILATION).withThreshold(Duration.ZERO).withoutStackTrace();
    recording.start();
  }

  /** From here on it counts. */
  public void start() {
    began = Instant.now();
    beganNanos = System.nanoTime();
  }

  /**
   * By name {@code count}, {@code total_ms} and {@code worst_ms} since {@link #start}; compilations
   * under {@code compilation}. Empty where nothing was.
   */
  Map<String, Map<String, Double>> stop() {
    Map<String, Map<String, Double>> found = new TreeMap<>();
    for (Pause pause : pauses()) {
      add(found.computeIfAbsent(pause.name, first -> new LinkedHashMap<>()), pause);
    }
    return found;
  }

  /** Stops recording: everything since {@link #start} one by one, in the order of the recorder. */
  public List<Pause> pauses() {
    stopRecording();
    List<Pause> found = new ArrayList<>();
    try {
      Path file = Files.createTempFile("mote-bench", ".jfr");
      try {
        recording.dump(file);
        for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
          String name = name(event);
          if (name != null
              && event.getEndTime().isAfter(began)
              && event.getStartTime().isBefore(ended)) {
            long since = Duration.between(began, event.getStartTime()).toNanos();
            found.add(new Pause(name, beganNanos + since, event.getDuration().toNanos()));
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

  /** Stops recording and writes all that was recorded as a file of the flight recorder. */
  public void save(Path path) {
    stopRecording();
    AtomicFile.write(path, recording::dump);
  }

  private void stopRecording() {
    if (ended == null) {
      ended = Instant.now();
      recording.stop();
    }
  }

  private static String name(RecordedEvent event) {
    return switch (event.getEventType().getName()) {
      case OPERATION -> event.getBoolean("safepoint") ? event.getString("operation") : null;
      case COMPILATION -> "compilation";
      default -> null;
    };
  }

  private static void add(Map<String, Double> figures, Pause pause) {
    double millis = pause.nanos / 1e6;
    figures.merge("count", 1.0, Double::sum);
    figures.merge("total_ms", millis, Double::sum);
    figures.merge("worst_ms", millis, Math::max);
  }

  @Override
  public void close() {
    recording.close();
  }
}
