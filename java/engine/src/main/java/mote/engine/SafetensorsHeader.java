package mote.engine;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON header of a safetensors file. It is read token by token, so that what a hostile header
 * can make us build is bounded by its own bytes, and nothing is believed before it was checked.
 */
record SafetensorsHeader(Path path, Map<String, String> metadata, List<Entry> entries) {
  static final int MOST_BYTES = 16 << 20;
  private static final int MOST_DIMENSIONS = 16;
  private static final String METADATA = "__metadata__";
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(3)
                  .maxNumberLength(20)
                  .maxNameLength(4096)
                  .maxStringLength(1 << 20)
                  .build())
          .build();

  /** A tensor's place: bytes {@code begin} to {@code end - 1} after the header. */
  record Entry(String name, Safetensors.Type type, long[] shape, long begin, long end) {}

  static SafetensorsHeader parse(Path path, MemorySegment bytes) {
    String text = decode(path, bytes);
    try (JsonParser json = JSON.createParser(text)) {
      SafetensorsHeader header =
          new SafetensorsHeader(path, new LinkedHashMap<>(), new ArrayList<>());
      header.read(json);
      return new SafetensorsHeader(
          path, Collections.unmodifiableMap(header.metadata), List.copyOf(header.entries));
    } catch (IOException error) {
      String line = error.getMessage().lines().findFirst().orElse("").replace(';', ',');
      String cause = Untrusted.printable(line);
      throw new MoteException(
          "header is not sound JSON: path=" + path + ", cause=" + cause + "; fetch the file again",
          error);
    }
  }

  private static String decode(Path path, MemorySegment bytes) {
    try {
      ByteBuffer buffer = ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE));
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException error) {
      throw new MoteException(
          "header is not UTF-8: path=" + path + "; give a safetensors file", error);
    }
  }

  private void read(JsonParser json) throws IOException {
    expect(json, json.nextToken(), JsonToken.START_OBJECT, "header");
    Set<String> seen = new HashSet<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      if (!seen.add(name)) {
        throw refused("header names a tensor twice", "tensor=" + Untrusted.printable(name));
      }
      expect(json, json.nextToken(), JsonToken.START_OBJECT, name);
      if (name.equals(METADATA)) {
        readMetadata(json);
      } else {
        entries.add(readEntry(json, name));
      }
    }
    if (json.nextToken() != null) {
      throw refused("header goes on after its end", "token=" + json.currentToken());
    }
  }

  private void readMetadata(JsonParser json) throws IOException {
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      expect(json, json.nextToken(), JsonToken.VALUE_STRING, METADATA + "." + key);
      if (metadata.put(key, json.getText()) != null) {
        throw refused("metadata has a key twice", "key=" + Untrusted.printable(key));
      }
    }
  }

  private Entry readEntry(JsonParser json, String name) throws IOException {
    Safetensors.Type type = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      if (key.equals("dtype") && type == null) {
        type = readType(json, name);
      } else if (key.equals("shape") && shape == null) {
        shape = readLongs(json, name + ".shape", MOST_DIMENSIONS);
      } else if (key.equals("data_offsets") && offsets == null) {
        offsets = readLongs(json, name + ".data_offsets", 2);
      } else {
        throw refused(
            "header has an unknown or repeated key",
            "tensor=" + Untrusted.printable(name) + ", key=" + Untrusted.printable(key));
      }
    }
    if (type == null || shape == null || offsets == null || offsets.length != 2) {
      throw refused(
          "header lacks dtype, shape or two data_offsets", "tensor=" + Untrusted.printable(name));
    }
    return new Entry(name, type, shape, offsets[0], offsets[1]);
  }

  private Safetensors.Type readType(JsonParser json, String name) throws IOException {
    expect(json, json.currentToken(), JsonToken.VALUE_STRING, name + ".dtype");
    String text = json.getText();
    for (Safetensors.Type type : Safetensors.Type.values()) {
      if (type.name().equals(text)) {
        return type;
      }
    }
    throw refused(
        "tensor's type is unknown",
        "tensor=" + Untrusted.printable(name) + ", dtype=" + Untrusted.printable(text));
  }

  private long[] readLongs(JsonParser json, String what, int most) throws IOException {
    expect(json, json.currentToken(), JsonToken.START_ARRAY, what);
    List<Long> values = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT, what);
      boolean fits = json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
      if (!fits || json.getLongValue() < 0 || values.size() == most) {
        throw refused(
            "header has a number out of range", Untrusted.printable(what) + "=" + json.getText());
      }
      values.add(json.getLongValue());
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /** Checks that the tensors cover the data exactly: none beyond it, none over another, no hole. */
  void check(long dataBytes) {
    List<Entry> byPlace = new ArrayList<>(entries);
    byPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long covered = 0;
    for (Entry entry : byPlace) {
      String where =
          "tensor=%s, begin=%d, end=%d"
              .formatted(Untrusted.printable(entry.name), entry.begin, entry.end);
      if (entry.end < entry.begin || entry.end > dataBytes) {
        throw refused("tensor lies beyond the file", where + ", data_bytes=" + dataBytes);
      }
      if (entry.begin != covered) {
        String reason = entry.begin < covered ? "tensors overlap" : "data has a hole";
        throw refused(reason, where + ", expected_begin=" + covered);
      }
      long size = Safetensors.byteSize(entry.name, entry.type, entry.shape);
      if (entry.end - entry.begin != size) {
        String shape = Safetensors.text(entry.shape);
        throw refused(
            "tensor's bytes do not fit its shape",
            where + ", dtype=" + entry.type + ", shape=" + shape + ", expected_bytes=" + size);
      }
      covered = entry.end;
    }
    if (covered != dataBytes) {
      throw refused(
          "file has bytes that belong to no tensor",
          "from=" + covered + ", data_bytes=" + dataBytes);
    }
  }

  private void expect(JsonParser json, JsonToken token, JsonToken expected, String what) {
    if (token != expected) {
      throw refused(
          "header has the wrong kind of value",
          "at=%s, found=%s, expected=%s".formatted(Untrusted.printable(what), token, expected));
    }
  }

  private MoteException refused(String reason, String values) {
    return new MoteException(reason + ": path=" + path + ", " + values + "; fetch the file again");
  }

  /** The header of a file with these tensors one after the other, padded to 8 bytes. */
  static byte[] encode(Map<String, String> metadata, List<Safetensors.Tensor> tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Set<String> seen = new HashSet<>(Set.of(METADATA));
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long at = 0;
      for (Safetensors.Tensor tensor : tensors) {
        if (!seen.add(tensor.name())) {
          throw new MoteException(
              "tensor's name cannot be used: tensor=" + tensor.name() + "; give each its own");
        }
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape(), 0, tensor.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {at, at + tensor.data().byteSize()}, 0, 2);
        json.writeEndObject();
        at += tensor.data().byteSize();
      }
      json.writeEndObject();
    } catch (IOException error) {
      throw new java.io.UncheckedIOException(error); // a byte array does not fail
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }
}
