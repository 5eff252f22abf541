package mote.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An {@link Architecture} as the JSON of {@code mote.arch}. Accepts and refuses what
 * weights/mote.arch.schema.json accepts and refuses; a test holds the two together.
 */
final class ArchitectureJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(8)
                          .maxDocumentLength(1 << 16)
                          .maxNumberLength(64)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final int VERSION = 1;
  private static final int WINDOW = 8;

  /** Characters that steer a terminal instead of showing: controls, line ends, directions. */
  private static final Pattern CONTROL =
      Pattern.compile("[\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]");

  private final String path;
  private final JsonNode node;
  private final Set<String> read = new HashSet<>();

  private ArchitectureJson(String path, JsonNode node) {
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw invalid(path.isEmpty() ? "document" : path, node, "an object");
    }
  }

  static Architecture parse(String json) {
    JsonNode document;
    try {
      document = MAPPER.readTree(json);
    } catch (JsonProcessingException error) {
      String cause = error.getOriginalMessage().lines().findFirst().orElse("").replace(';', ',');
      throw new MoteException(
          "mote.arch is not sound JSON: cause=" + cause + "; see weights/mote.arch.schema.json",
          error);
    }
    return new ArchitectureJson("", document).architecture();
  }

  private Architecture architecture() {
    Architecture.Family family = family();
    boolean pips = family == Architecture.Family.PIPS;
    integer("version", VERSION, VERSION, 1);
    String name = name();
    int window = integer("window", WINDOW, WINDOW, 1);
    int stride = integer("stride", 4, pips ? 8 : 4, 4);
    int features = integer("features", 8, 512, 8);
    ArchitectureJson encoder = object("encoder");
    List<Integer> channels = encoder.channels();
    int neck = pips ? encoder.integer("neck", 8, 1024, 8) : 0;
    encoder.finish();
    ArchitectureJson correlation = object("correlation");
    int levels = correlation.integer("levels", 1, 6, 1);
    int radius = correlation.integer("radius", 1, 4, 1);
    int support = pips ? 0 : correlation.integer("support", 0, 2, 1);
    int correlationWidth = pips ? 0 : correlation.integer("width", 8, 512, 1);
    double scale = pips ? 1 / Math.sqrt(features) : correlation.positive("scale");
    correlation.finish();
    ArchitectureJson embedding = object("embedding");
    int frequencies = embedding.integer("frequencies", 1, 64, 1);
    embedding.finish();
    ArchitectureJson mixer = object("mixer");
    int width = mixer.integer("width", 8, 2048, 8);
    int depth = mixer.integer("depth", 1, 48, 1);
    int tokenExpansion = mixer.integer("token_expansion", 1, 8, 1);
    int channelExpansion = mixer.integer("channel_expansion", 1, 8, 1);
    mixer.finish();
    double confidencePx = pips ? nothing("confidence_px", Double.NaN) : positive("confidence_px");
    ArchitectureJson defaults = object("defaults");
    int iterations = defaults.integer("iterations", 1, 16, 1);
    int hop = pips ? (int) defaults.nothing("hop", 0) : defaults.integer("hop", 1, 7, 1);
    defaults.finish();
    Architecture.Fine fine = !pips && node.has("fine") ? object("fine").fine() : null;
    finish();
    return new Architecture(
        family,
        name,
        window,
        stride,
        features,
        channels,
        neck,
        levels,
        radius,
        support,
        correlationWidth,
        scale,
        frequencies,
        width,
        depth,
        tokenExpansion,
        channelExpansion,
        confidencePx,
        iterations,
        hop,
        fine);
  }

  private Architecture.Fine fine() {
    Architecture.Fine fine =
        new Architecture.Fine(integer("scale", 2, 4, 1), integer("iterations", 1, 16, 1));
    finish();
    return fine;
  }

  private Architecture.Family family() {
    JsonNode value = field("family");
    for (Architecture.Family family : Architecture.Family.values()) {
      if (value.isTextual() && family.id().equals(value.textValue())) {
        return family;
      }
    }
    throw invalid("family", value, "pips or mote");
  }

  private String name() {
    JsonNode value = field("name");
    int length = value.isTextual() ? (int) value.textValue().codePoints().count() : 0;
    if (length < 1 || length > 64) {
      throw invalid("name", value, "a text of 1 to 64 characters");
    }
    if (CONTROL.matcher(value.textValue()).find()) {
      throw invalid("name", value, "a text without control characters");
    }
    return value.textValue();
  }

  private List<Integer> channels() {
    JsonNode array = field("channels");
    if (!array.isArray() || array.size() != 4) {
      throw invalid(path + "channels", array, "four numbers");
    }
    List<Integer> channels = new ArrayList<>();
    for (JsonNode value : array) {
      channels.add(integer(path + "channels", value, 8, 512, 8));
    }
    return channels;
  }

  private ArchitectureJson object(String name) {
    return new ArchitectureJson(path + name + ".", field(name));
  }

  private JsonNode field(String name) {
    read.add(name);
    JsonNode value = node.get(name);
    if (value == null) {
      throw new MoteException(
          "mote.arch lacks a field: field=" + path + name + "; see weights/mote.arch.schema.json");
    }
    return value;
  }

  private int integer(String name, int least, int most, int step) {
    return integer(path + name, field(name), least, most, step);
  }

  /** JSON Schema takes 8.0 for an integer; so do we. */
  private static int integer(String name, JsonNode value, int least, int most, int step) {
    String expected = least == most ? "" + least : least + " to " + most + " in steps of " + step;
    if (!value.isNumber()) {
      throw invalid(name, value, expected);
    }
    BigDecimal number = value.decimalValue();
    boolean inside =
        number.compareTo(BigDecimal.valueOf(least)) >= 0
            && number.compareTo(BigDecimal.valueOf(most)) <= 0;
    if (!inside || number.stripTrailingZeros().scale() > 0 || number.intValue() % step != 0) {
      throw invalid(name, value, expected);
    }
    return number.intValue();
  }

  private double positive(String name) {
    JsonNode value = field(name);
    double number = value.isNumber() ? value.doubleValue() : 0;
    if (!(number > 0) || Double.isInfinite(number)) {
      throw invalid(path + name, value, "a number above 0");
    }
    return number;
  }

  private double nothing(String name, double meaning) {
    JsonNode value = field(name);
    if (!value.isNull()) {
      throw invalid(path + name, value, "null for this family");
    }
    return meaning;
  }

  private void finish() {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!read.contains(name)) {
                throw new MoteException(
                    "mote.arch has a field that its family does not know: field="
                        + path
                        + Untrusted.printable(name)
                        + "; see weights/mote.arch.schema.json");
              }
            });
  }

  private static MoteException invalid(String name, JsonNode value, String expected) {
    return new MoteException(
        "mote.arch has a value out of range: %s=%s, expected=%s; see weights/mote.arch.schema.json"
            .formatted(name, Untrusted.printable(value.toString()), expected));
  }

  static String write(Architecture architecture) {
    boolean pips = architecture.family() == Architecture.Family.PIPS;
    ObjectNode json = MAPPER.createObjectNode();
    json.put("family", architecture.family().id());
    json.put("name", architecture.name());
    json.put("version", VERSION);
    json.put("window", architecture.window());
    json.put("stride", architecture.stride());
    json.put("features", architecture.features());
    ObjectNode encoder = json.putObject("encoder");
    ArrayNode channels = encoder.putArray("channels");
    architecture.channels().forEach(channels::add);
    ObjectNode correlation = json.putObject("correlation");
    correlation.put("levels", architecture.levels());
    correlation.put("radius", architecture.radius());
    if (pips) {
      encoder.put("neck", architecture.neck());
    } else {
      correlation.put("support", architecture.support());
      correlation.put("width", architecture.correlationWidth());
      correlation.put("scale", architecture.correlationScale());
    }
    json.putObject("embedding").put("frequencies", architecture.frequencies());
    ObjectNode mixer = json.putObject("mixer");
    mixer.put("width", architecture.width());
    mixer.put("depth", architecture.depth());
    mixer.put("token_expansion", architecture.tokenExpansion());
    mixer.put("channel_expansion", architecture.channelExpansion());
    json.put("confidence_px", pips ? null : architecture.confidencePx());
    ObjectNode defaults = json.putObject("defaults");
    defaults.put("iterations", architecture.iterations());
    defaults.put("hop", pips ? null : Integer.valueOf(architecture.hop()));
    if (architecture.fine() != null) {
      ObjectNode fine = json.putObject("fine");
      fine.put("scale", architecture.fine().scale());
      fine.put("iterations", architecture.fine().iterations());
    }
    return json.toString();
  }
}
