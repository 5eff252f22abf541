package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mote.stream.Row.Command;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What breaks the protocol is answered with the reason, and the stream of answers is whole. */
class HostilePeerTest extends StreamFixture {
  private static final byte[] GOOD =
      Row.stream(Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1)), Row.picture(1, HEIGHT, WIDTH));

  private static void assertRefused(String message, byte[] stream) {
    assertRefused(message, SMALL, stream);
  }

  private static void assertRefused(String message, StreamOptions options, byte[] stream) {
    Served served = serve(options, stream);
    assertEquals(message, served.last().error());
    assertEquals(message, served.report().error());
    assertTrue(served.last().rows().isEmpty());
  }

  private static byte[] with(int at, int... words) {
    ByteBuffer bytes = ByteBuffer.wrap(GOOD.clone()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < words.length; i++) {
      bytes.putInt(at + 4 * i, words[i]);
    }
    return bytes.array();
  }

  /** Where the message after the schema begins. */
  private static int firstBatch() {
    return 8 + ByteBuffer.wrap(GOOD).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
  }

  @Test
  void badMagic() {
    assertRefused(
        "this is no Arrow IPC stream: first_bytes=0x47455420; send one as Arrow 0.15 and later do (0xffffffff first)",
        "GET / HTTP/1.1\r\n\r\n".getBytes());
    assertRefused(
        "this is no Arrow IPC stream: first_bytes=0x00000000; send one as Arrow 0.15 and later do (0xffffffff first)",
        with(firstBatch(), 0));
  }

  @Test
  void nothingAtAll() {
    String message = "stream ended before its schema: bytes=0; send one first";
    assertRefused(message, new byte[0]);
    assertRefused(message, with(4, 0)); // the end instead of a schema
  }

  /** Cut off anywhere: what was whole is answered. */
  @Test
  void truncated() {
    int second = bodyStart() + bodyBytes();
    Set<Integer> between = Set.of(firstBatch(), second, GOOD.length - 8);
    for (int length = 1; length < GOOD.length; length++) {
      Served served = serve(Arrays.copyOf(GOOD, length));
      int whole = length < second ? 0 : length < GOOD.length - 8 ? 1 : 2;
      assertEquals(whole, served.report().frames(), "frames of " + length + " bytes");
      String error = served.report().error();
      if (between.contains(length)) { // Arrow's readers, too, call that an end
        assertNull(error);
      } else {
        assertTrue(error.startsWith("stream was cut off: part="), error);
        assertEquals(error, served.last().error());
      }
    }
    assertRefused(
        "stream was cut off: part=head, bytes=3, expected=8; send whole messages",
        Arrays.copyOf(GOOD, firstBatch() + 3));
    assertRefused(
        "stream was cut off: part=body, bytes=%d, expected=%d; send whole messages"
            .formatted(bodyBytes() - 1, bodyBytes()),
        Arrays.copyOf(GOOD, bodyStart() + bodyBytes() - 1));
  }

  private static int bodyStart() {
    int at = firstBatch();
    return at + 8 + ByteBuffer.wrap(GOOD).order(ByteOrder.LITTLE_ENDIAN).getInt(at + 4);
  }

  private static int bodyBytes() {
    ByteBuffer bytes = ByteBuffer.wrap(GOOD).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer metadata = bytes.slice(firstBatch() + 8, bodyStart() - firstBatch() - 8);
    return (int) org.apache.arrow.flatbuf.Message.getRootAsMessage(metadata).bodyLength();
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, Integer.MIN_VALUE, Integer.MAX_VALUE, (1 << 16) + 1})
  void absurdMetadata(int size) {
    String message =
        "message's metadata is too large: bytes=%d, most=65536; send less metadata"
            .formatted(Integer.toUnsignedLong(size));
    assertRefused(message, with(4, size));
    assertRefused(message, with(firstBatch() + 4, size));
  }

  @Test
  void absurdBodies() {
    int most = SMALL.bodyBytes();
    byte[] large = Row.stream(Row.picture(0, 200, 200));
    String error = serve(large).last().error();
    assertTrue(
        error.startsWith("record batch is too large: body_bytes=")
            && error.endsWith(
                ", most=%d; send one frame a batch, or smaller frames".formatted(most)),
        error);
    assertRefused(
        "picture is too large: frame=0, height=17, width=16, bytes=816, most=768; send a smaller one, or let the server allow more",
        Row.stream(Row.picture(0, 17, 16)));
  }

  @Test
  void picturesThatAreNotTheirSize() {
    byte[] pixels = new byte[3 * HEIGHT * WIDTH];
    assertRefused(
        "picture has not its size: frame=0, height=6, width=9, bytes=144; send 162, RGB rows without padding",
        Row.stream(new Row(0, HEIGHT, WIDTH + 1, pixels, List.of())));
    assertRefused(
        "picture's size is out of range: frame=0, height=0, width=8; give 1 to 8192 for both",
        Row.stream(new Row(0, 0, WIDTH, new byte[0], List.of())));
    assertRefused(
        "picture's size is out of range: frame=0, height=-6, width=-8; give 1 to 8192 for both",
        Row.stream(new Row(0, -HEIGHT, -WIDTH, pixels, List.of())));
    assertRefused(
        "picture's size is out of range: frame=0, height=65536, width=65536; give 1 to 8192 for both",
        Row.stream(new Row(0, 65536, 65536, pixels, List.of())));
    assertRefused(
        "frame is negative: frame=-1; count from 0",
        Row.stream(new Row(-1, HEIGHT, WIDTH, pixels, List.of())));
  }

  @Test
  void framesThatDoNotFollow() {
    assertRefused(
        "frame does not follow the last one: frame=3, last=3; count upwards",
        Row.stream(Row.picture(3, HEIGHT, WIDTH), Row.picture(3, HEIGHT, WIDTH)));
  }

  @Test
  void moreThanThereIsRoomFor() {
    Command[] many = new Command[SMALL.commands() + 1];
    Arrays.fill(many, Command.of("cut", 0));
    assertRefused(
        "record batch is too long: commands=75, most=74; send smaller ones",
        Row.stream(Row.picture(0, HEIGHT, WIDTH, many)));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 257; i++) {
      rows.add(Row.only());
    }
    assertRefused(
        "record batch is too long: rows=257, most=256; send smaller ones",
        Row.stream(InputSchema.of(null), List.of(rows)));
  }

  @Test
  void missingValues() {
    byte[] stream =
        stream(
            new Schema(InputSchema.COLUMNS),
            root -> {
              root.getVector("image").setNull(0);
              root.getVector("frame").setNull(0);
            });
    assertRefused("row has no frame or no timestamp_ns: row=0; give both", stream);
  }

  @Test
  void anotherSchema() {
    String columns =
        "give frame int64, timestamp_ns int64, height int32, width int32, image large_binary,"
            + " commands list<struct<op utf8, point int64, x float32, y float32, frame int64>>,"
            + " not compressed, no dictionary";
    List<Field> fields = new ArrayList<>(InputSchema.COLUMNS);
    fields.remove(5);
    assertRefused(
        "schema has not the right columns: columns=5; " + columns, stream(new Schema(fields)));
    fields = new ArrayList<>(InputSchema.COLUMNS);
    fields.set(4, Field.nullable("image", ArrowType.Binary.INSTANCE));
    assertRefused(
        "schema's column is of another type: column=image, type=Binary; " + columns,
        stream(new Schema(fields)));
    fields.set(4, Field.nullable("img\n", ArrowType.LargeBinary.INSTANCE));
    assertRefused(
        "schema has not the right columns: expected=image, found=\"img?\"; " + columns,
        stream(new Schema(fields)));
    fields.set(4, InputSchema.COLUMNS.get(4));
    fields.set(0, Field.nullable("frame", new ArrowType.Int(64, false)));
    assertRefused(
        "schema's column is of another type: column=frame, type=Int; " + columns,
        stream(new Schema(fields)));
    fields.set(0, InputSchema.COLUMNS.get(0));
    Field item = InputSchema.COLUMNS.get(5).getChildren().get(0);
    List<Field> parts = new ArrayList<>(item.getChildren());
    parts.set(2, Field.nullable("x", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)));
    fields.set(
        5,
        new Field(
            "commands",
            FieldType.nullable(ArrowType.List.INSTANCE),
            List.of(new Field("item", item.getFieldType(), parts))));
    assertRefused(
        "schema's column is of another type: column=commands[].x, type=FloatingPoint; " + columns,
        stream(new Schema(fields)));
  }

  @Test
  void dictionaries() {
    Field image =
        new Field(
            "image",
            new FieldType(
                true, ArrowType.LargeBinary.INSTANCE, new DictionaryEncoding(1, false, null)),
            List.of());
    List<Field> fields = new ArrayList<>(InputSchema.COLUMNS);
    fields.set(4, image);
    byte[] schema = schemaMessage(new Schema(fields));
    String error = serve(schema).last().error();
    assertTrue(
        error.startsWith(
            "schema's column is of another type: column=image, type=LargeBinary (dictionary); give"),
        error);
  }

  private static byte[] schemaMessage(Schema schema) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      MessageSerializer.serialize(new WriteChannel(Channels.newChannel(bytes)), schema);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void aSecondSchema() {
    byte[] schema = Arrays.copyOf(GOOD, firstBatch());
    ByteArrayOutputStream twice = new ByteArrayOutputStream();
    twice.writeBytes(schema);
    twice.writeBytes(GOOD);
    assertRefused(
        "message is of the wrong kind: found=Schema, expected=RecordBatch; send one schema, then record batches without dictionaries",
        twice.toByteArray());
    assertRefused(
        "message is of the wrong kind: found=RecordBatch, expected=Schema; send one schema, then record batches without dictionaries",
        Arrays.copyOfRange(GOOD, firstBatch(), GOOD.length));
  }

  @Test
  void tokens() {
    String token = "0123456789abcdef";
    StreamOptions guarded = SMALL.withToken(token);
    String message =
        "token is missing or wrong: key=mote.token; give the server's token in the schema's metadata";
    assertRefused(message, guarded, GOOD);
    List<List<Row>> rows = List.of(List.of(Row.picture(0, HEIGHT, WIDTH)));
    for (String wrong : List.of("", "0123456789abcdeF", token + "0", token.substring(1))) {
      assertRefused(message, guarded, Row.stream(InputSchema.of(wrong), rows));
    }
    Served served = serve(guarded, Row.stream(InputSchema.of(token), rows));
    assertEquals(1, served.report().frames());
    assertEquals(null, served.report().error());
    // the token is asked for before anything else is said
    assertRefused(message, guarded, stream(new Schema(List.of(), Map.of("mote.token", "x"))));
  }

  private static byte[] stream(Schema schema) {
    return stream(schema, root -> {});
  }

  /** One batch of one row. */
  private static byte[] stream(Schema schema, java.util.function.Consumer<VectorSchemaRoot> fill) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RootAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      root.allocateNew();
      fill.accept(root);
      root.setRowCount(1);
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }
}
