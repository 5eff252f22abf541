package mote.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import mote.engine.Untrusted;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The one schema that frames come with (java/stream/PROTOCOL.md), and the check of a peer's against
 * it. Whether fields may be null is not looked at: that is seen from the rows.
 */
public final class InputSchema {
  /** Key in the schema's metadata under which a peer gives the token. */
  public static final String TOKEN = "mote.token";

  private static final ArrowType INT64 = new ArrowType.Int(64, true);
  private static final ArrowType INT32 = new ArrowType.Int(32, true);
  private static final ArrowType FLOAT32 =
      new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);

  private static final Field COMMAND =
      new Field(
          "item",
          FieldType.nullable(ArrowType.Struct.INSTANCE),
          List.of(
              field("op", ArrowType.Utf8.INSTANCE),
              field("point", INT64),
              field("x", FLOAT32),
              field("y", FLOAT32),
              field("frame", INT64)));

  /** The columns of frames and commands. */
  public static final List<Field> COLUMNS =
      List.of(
          field("frame", INT64),
          field("timestamp_ns", INT64),
          field("height", INT32),
          field("width", INT32),
          field("image", ArrowType.LargeBinary.INSTANCE),
          new Field("commands", FieldType.nullable(ArrowType.List.INSTANCE), List.of(COMMAND)));

  private static final int MOST_METADATA = 64;

  private static final String REMEDY =
      "give "
          + COLUMNS.stream().map(InputSchema::describe).collect(Collectors.joining(", "))
          + ", not compressed, no dictionary";

  private InputSchema() {}

  /**
   * The schema that a peer sends.
   *
   * @param token null for none
   */
  public static Schema of(String token) {
    return new Schema(COLUMNS, token == null ? Map.of() : Map.of(TOKEN, token));
  }

  /**
   * Refuses a peer's schema if the token is not the one, then if the columns are not those.
   *
   * @param token null if none is needed
   */
  static void check(org.apache.arrow.flatbuf.Schema schema, String token) {
    if (token != null) {
      checkToken(schema, token);
    }
    if (schema.endianness() != Endianness.Little) {
      throw new ProtocolException(
          "stream is not little endian: endianness=" + schema.endianness() + "; send it so");
    }
    if (schema.fieldsLength() != COLUMNS.size()) {
      throw new ProtocolException(
          "schema has not the right columns: columns=%d; %s"
              .formatted(schema.fieldsLength(), REMEDY));
    }
    for (int i = 0; i < COLUMNS.size(); i++) {
      check(schema.fields(i), COLUMNS.get(i), COLUMNS.get(i).getName());
    }
  }

  /** In a time that does not depend on how much of it is right. */
  private static void checkToken(org.apache.arrow.flatbuf.Schema schema, String token) {
    if (schema.customMetadataLength() > MOST_METADATA) {
      throw new ProtocolException(
          "schema has too much metadata: entries=%d; give at most %d"
              .formatted(schema.customMetadataLength(), MOST_METADATA));
    }
    byte[] expected = token.getBytes(StandardCharsets.UTF_8);
    boolean right = false;
    for (int i = 0; i < schema.customMetadataLength(); i++) {
      KeyValue entry = schema.customMetadata(i);
      if (TOKEN.equals(entry.key())) {
        ByteBuffer value = entry.valueAsByteBuffer();
        byte[] given = new byte[value == null ? 0 : value.remaining()]; // metadata's size at most
        if (value != null) {
          value.get(given);
        }
        right |= MessageDigest.isEqual(expected, given);
      }
    }
    if (!right) {
      throw new ProtocolException(
          "token is missing or wrong: key="
              + TOKEN
              + "; give the server's token in the schema's metadata");
    }
  }

  /** Goes no deeper than the expected field does, whatever the peer's claims. */
  private static void check(org.apache.arrow.flatbuf.Field found, Field expected, String path) {
    boolean item = path.endsWith("[]");
    if (!item && !expected.getName().equals(found.name())) {
      throw new ProtocolException(
          "schema has not the right columns: expected=%s, found=%s; %s"
              .formatted(path, Untrusted.quote(String.valueOf(found.name())), REMEDY));
    }
    if (!sameType(found, expected.getType())
        || found.dictionary() != null
        || found.childrenLength() != expected.getChildren().size()) {
      throw new ProtocolException(
          "schema's column is of another type: column=%s, type=%s%s; %s"
              .formatted(
                  path,
                  found.typeType() >= 0 && found.typeType() < Type.names.length
                      ? Type.name(found.typeType())
                      : found.typeType(),
                  found.dictionary() == null ? "" : " (dictionary)",
                  REMEDY));
    }
    for (int i = 0; i < found.childrenLength(); i++) {
      Field child = expected.getChildren().get(i);
      boolean inList = expected.getType() instanceof ArrowType.List;
      check(found.children(i), child, inList ? path + "[]" : path + "." + child.getName());
    }
  }

  private static boolean sameType(org.apache.arrow.flatbuf.Field found, ArrowType expected) {
    return switch (expected) {
      case ArrowType.Int type -> {
        Int integer = found.typeType() == Type.Int ? (Int) found.type(new Int()) : null;
        yield integer != null
            && integer.bitWidth() == type.getBitWidth()
            && integer.isSigned() == type.getIsSigned();
      }
      case ArrowType.FloatingPoint type -> {
        var number = new org.apache.arrow.flatbuf.FloatingPoint();
        yield found.typeType() == Type.FloatingPoint
            && found.type(number) != null
            && number.precision() == Precision.SINGLE;
      }
      default -> found.typeType() == expected.getTypeID().getFlatbufID();
    };
  }

  private static Field field(String name, ArrowType type) {
    return new Field(name, FieldType.nullable(type), List.of());
  }

  /** As the protocol's page writes a column. */
  private static String describe(Field field) {
    return field.getName() + " " + describeType(field);
  }

  private static String describeType(Field field) {
    return switch (field.getType()) {
      case ArrowType.Int type -> "int" + type.getBitWidth();
      case ArrowType.FloatingPoint type -> "float32";
      case ArrowType.Utf8 type -> "utf8";
      case ArrowType.LargeBinary type -> "large_binary";
      case ArrowType.List type -> "list<" + describeType(field.getChildren().get(0)) + ">";
      case ArrowType.Struct type ->
          field.getChildren().stream()
              .map(InputSchema::describe)
              .collect(Collectors.joining(", ", "struct<", ">"));
      default -> throw new IllegalStateException("no column has this type: " + field.getType());
    };
  }
}
