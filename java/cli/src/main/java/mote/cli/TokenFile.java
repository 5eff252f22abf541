package mote.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import mote.engine.MoteException;
import mote.stream.StreamOptions;

/** A secret that clients must give: the first line of a file. */
final class TokenFile {
  private TokenFile() {}

  /** Reads no more of the file than a token may have. */
  static String read(Path file) {
    char[] start = new char[StreamOptions.LONGEST_TOKEN + 2];
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      int count = Math.max(0, reader.read(start));
      return new String(start, 0, count).lines().findFirst().orElse("").strip();
    } catch (NoSuchFileException e) {
      throw new MoteException("token file is missing: file=" + file + "; write a secret into it");
    } catch (CharacterCodingException e) {
      throw new MoteException("token file is not text: file=" + file + "; write UTF-8", e);
    } catch (IOException e) {
      throw new MoteException(
          "token file cannot be read: file=%s, error=%s; let this user read it"
              .formatted(file, e.getMessage()),
          e);
    }
  }
}
