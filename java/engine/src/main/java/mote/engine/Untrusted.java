package mote.engine;

/** Text from outside. */
public final class Untrusted {
  private static final int LONGEST = 80;

  private Untrusted() {}

  /** The text as it may stand in a message: quoted, short, on one line, nothing unprintable. */
  public static String quote(String text) {
    return '"' + printable(text) + '"';
  }

  /** As {@link #quote}, without the quotation marks. */
  public static String printable(String text) {
    String head = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return visible(head);
  }

  /** The whole text on one line: what does not show, or steers a terminal, is a question mark. */
  public static String visible(String text) {
    return text.replaceAll("[^\\x20-\\x7e\\xa0-\\u2027\\u202f-\\u2065\\u206a-\\ud7ff]", "?");
  }
}
