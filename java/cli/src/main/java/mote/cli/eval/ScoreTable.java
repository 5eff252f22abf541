package mote.cli.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Scores as tables for people, or as JSON for machines. */
public final class ScoreTable {
  /** Names for people of the methods' ids. */
  private static final Map<String, String> NAMES =
      Map.of(
          "zero",
          "zero motion",
          "lk",
          "Lucas-Kanade",
          "dis",
          "dense flow",
          "match",
          "feature matching",
          "mote",
          "Mote",
          "live-1",
          "Mote live, 1",
          "live-4",
          "Mote live, 4",
          "live-4-blind",
          "  without search");

  private ScoreTable() {}

  /**
   * One table a video: a row for each method, a column for each metric; visible and hidden points
   * apart.
   */
  public static void print(List<Score> scores, PrintWriter out) {
    Map<String, Map<String, Map<String, Score>>> tables = new LinkedHashMap<>();
    for (Score score : scores) {
      String metric = score.metric();
      String title = score.video();
      for (String kind : List.of("visible", "hidden")) {
        if (metric.endsWith("_" + kind) && !metric.equals("falsely_visible")) {
          metric = metric.substring(0, metric.length() - kind.length() - 1);
          title = score.video() + ", " + kind;
        }
      }
      tables
          .computeIfAbsent(title, table -> new LinkedHashMap<>())
          .computeIfAbsent(score.method(), method -> new LinkedHashMap<>())
          .put(metric, score);
    }
    tables.forEach((title, rows) -> printOne(title, rows, out));
    out.flush();
  }

  private static void printOne(
      String title, Map<String, Map<String, Score>> rows, PrintWriter out) {
    Set<String> metrics = new LinkedHashSet<>();
    rows.values().forEach(row -> metrics.addAll(row.keySet()));
    StringBuilder head = new StringBuilder("%-18s".formatted(title));
    for (String metric : metrics) {
      head.append(("%" + width(metric) + "s").formatted(metric));
    }
    out.println(head);
    rows.forEach(
        (method, row) -> {
          StringBuilder line =
              new StringBuilder("  %-16s".formatted(NAMES.getOrDefault(method, method)));
          for (String metric : metrics) {
            Score score = row.get(metric);
            String cell =
                score == null
                    ? ""
                    : String.format(
                        Locale.ROOT, metric.endsWith("_px") ? "%.2f" : "%.1f", score.value());
            line.append(("%" + width(metric) + "s").formatted(cell));
          }
          out.println(line);
        });
    out.println();
  }

  private static int width(String metric) {
    return Math.max(metric.length(), 6) + 2;
  }

  /** A list of objects, as java/cli/JSON.md says. */
  public static void printJson(Object rows, PrintWriter out) {
    print(rows, out, mapper().enable(SerializationFeature.INDENT_OUTPUT));
  }

  /** The same on one line, where objects come one by one. */
  public static void printJsonLine(Object row, PrintWriter out) {
    print(row, out, mapper());
  }

  private static ObjectMapper mapper() {
    return new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
  }

  private static void print(Object value, PrintWriter out, ObjectMapper mapper) {
    try {
      out.println(mapper.writeValueAsString(value));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
