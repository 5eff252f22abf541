package mote.cli;

import java.nio.file.Path;

/** The repository that this build belongs to: the launcher names it. */
public final class Home {
  private Home() {}

  /** A file of the repository; without the launcher, of the current folder. */
  public static Path file(String relative) {
    return Path.of(System.getProperty("mote.home", "")).resolve(relative);
  }
}
