package mote.engine;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * What a weight file says of itself, checked: shown by {@code mote info}.
 *
 * @param path of the file
 * @param architecture that its tensors fit
 * @param parameters values in all
 * @param bytes size of the file
 * @param license under which the weights may be used (metadata {@value #LICENSE}), or null
 * @param training how they came about (metadata {@value #TRAINING}), or null
 * @param source what they were converted from (metadata {@value #SOURCE}), or null
 * @param sha256 of the file, hexadecimal
 */
public record WeightsInfo(
    Path path,
    Architecture architecture,
    long parameters,
    long bytes,
    String license,
    String training,
    String source,
    String sha256) {
  /** Metadata key: an SPDX identifier. */
  public static final String LICENSE = "mote.license";

  /** Metadata key: a sentence or two for people. */
  public static final String TRAINING = "mote.training";

  /** Metadata key: for example {@code sha256:...} of a checkpoint. */
  public static final String SOURCE = "mote.source";

  /**
   * Reads a weight file whole.
   *
   * @throws MoteException if it is no sound weight file
   */
  public static WeightsInfo of(Path path) {
    try (WeightsFile weights = WeightsFile.open(path)) {
      Map<String, String> metadata = weights.metadata();
      return new WeightsInfo(
          path,
          weights.architecture(),
          weights.architecture().parameters(),
          Files.size(path),
          metadata.get(LICENSE),
          metadata.get(TRAINING),
          metadata.get(SOURCE),
          sha256(path));
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** One JSON object with the record's fields; {@code architecture} is that of mote.arch. */
  public String toJson() {
    try {
      ObjectMapper mapper = new ObjectMapper();
      ObjectNode json = mapper.createObjectNode();
      json.put("path", path.toString());
      json.set("architecture", mapper.readTree(architecture.toJson()));
      json.put("parameters", parameters);
      json.put("bytes", bytes);
      json.put("license", license);
      json.put("training", training);
      json.put("source", source);
      json.put("sha256", sha256);
      return mapper.writeValueAsString(json);
    } catch (IOException e) {
      throw new IllegalStateException("mote.arch is not JSON: path=" + path, e);
    }
  }

  /**
   * The SHA-256 of a file, hexadecimal.
   *
   * @throws MoteException if it cannot be read
   */
  public static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      new DigestInputStream(in, digest).transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static MoteException unreadable(Path path, IOException cause) {
    return new MoteException(
        "file cannot be read: path="
            + path
            + ", cause="
            + AtomicFile.cause(cause)
            + "; check the path and its permissions",
        cause);
  }
}
