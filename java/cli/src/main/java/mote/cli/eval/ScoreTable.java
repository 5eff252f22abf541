package mote.cli.eval;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.function.UnaryOperator;

/** Scores as a table for people, or as JSON for machines. */
public final class ScoreTable {
  private ScoreTable() {}

  /** One table a video: a row for each method, a column for each metric. */
  public static void print(List<Score> scores, UnaryOperator<String> titles, PrintWriter out) {
    Map<String, Map<String, Map<String, Score>>> tables = new LinkedHashMap<>();
    for (Score score : scores) {
      tables
          .computeIfAbsent(score.video(), video -> new LinkedHashMap<>())
          .computeIfAbsent(score.method(), method -> new LinkedHashMap<>())
          .put(score.metric(), score);
    }
    tables.forEach((video, rows) -> printOne(video, rows, titles, out));
    out.flush();
  }

  private static void printOne(
      String video,
      Map<String, Map<String, Score>> rows,
      UnaryOperator<String> titles,
      PrintWriter out) {
    Set<String> metrics = new LinkedHashSet<>();
    rows.values().forEach(row -> metrics.addAll(row.keySet()));
    StringBuilder head = new StringBuilder("%-16s".formatted(video));
    for (String metric : metrics) {
      head.append(("%" + width(metric) + "s").formatted(metric));
    }
    out.println(head);
    rows.forEach(
        (method, row) -> {
          StringBuilder line = new StringBuilder("  %-14s".formatted(titles.apply(method)));
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
    try {
      out.println(
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(rows));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
