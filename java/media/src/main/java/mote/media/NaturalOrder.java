package mote.media;

import java.util.Comparator;

/**
 * File names as people count: runs of digits compare as numbers, the rest by character without
 * regard to case. Names that are equal in this sense fall back to plain order, so that the order is
 * total.
 */
final class NaturalOrder implements Comparator<String> {
  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
        int endA = digitsEnd(a, i);
        int endB = digitsEnd(b, j);
        int numbers = compareNumbers(a, i, endA, b, j, endB);
        if (numbers != 0) {
          return numbers;
        }
        i = endA;
        j = endB;
      } else {
        int letters =
            Character.compare(
                Character.toLowerCase(a.charAt(i)), Character.toLowerCase(b.charAt(j)));
        if (letters != 0) {
          return letters;
        }
        i++;
        j++;
      }
    }
    int rest = Integer.compare(a.length() - i, b.length() - j);
    return rest != 0 ? rest : a.compareTo(b);
  }

  /** Numbers of any length: without leading zeros the longer is the larger. */
  private static int compareNumbers(String a, int i, int endA, String b, int j, int endB) {
    while (i < endA - 1 && a.charAt(i) == '0') {
      i++;
    }
    while (j < endB - 1 && b.charAt(j) == '0') {
      j++;
    }
    int length = Integer.compare(endA - i, endB - j);
    return length != 0 ? length : a.substring(i, endA).compareTo(b.substring(j, endB));
  }

  private static int digitsEnd(String s, int from) {
    int end = from;
    while (end < s.length() && isDigit(s.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
