package mote.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;

/** A row of input, as Arrow's own writer sends it. */
public record Row(long frame, int height, int width, byte[] image, List<Command> commands) {
  /** A command; what is null is null in the stream. */
  public record Command(String op, Long point, Float x, Float y, Long frame) {
    public static Command add(float x, float y) {
      return new Command("add", null, x, y, null);
    }

    public static Command of(String op, long point) {
      return new Command(op, point, null, null, null);
    }
  }

  /** A picture whose bytes are all the frame's number. */
  public static Row picture(long frame, int height, int width, Command... commands) {
    byte[] image = new byte[3 * height * width];
    java.util.Arrays.fill(image, (byte) frame);
    return new Row(frame, height, width, image, List.of(commands));
  }

  public static Row only(Command... commands) {
    return new Row(0, 0, 0, null, List.of(commands));
  }

  /** One batch a row. */
  public static byte[] stream(Row... rows) {
    return stream(InputSchema.of(null), java.util.Arrays.stream(rows).map(List::of).toList());
  }

  public static byte[] stream(Schema schema, List<List<Row>> batches) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RootAllocator allocator = new RootAllocator();
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      for (List<Row> batch : batches) {
        fill(root, batch);
        writer.writeBatch();
      }
      writer.end();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  private static void fill(VectorSchemaRoot root, List<Row> rows) {
    root.allocateNew();
    ListVector commands = (ListVector) root.getVector("commands");
    int count = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      ((BigIntVector) root.getVector("frame")).setSafe(i, row.frame);
      ((BigIntVector) root.getVector("timestamp_ns")).setSafe(i, row.frame * 1000);
      ((IntVector) root.getVector("height")).setSafe(i, row.height);
      ((IntVector) root.getVector("width")).setSafe(i, row.width);
      if (row.image == null) {
        ((LargeVarBinaryVector) root.getVector("image")).setNull(i);
      } else {
        ((LargeVarBinaryVector) root.getVector("image")).setSafe(i, row.image);
      }
      if (row.commands.isEmpty()) {
        commands.setNull(i);
      } else {
        commands.startNewValue(i);
        for (Command command : row.commands) {
          put((StructVector) commands.getDataVector(), count++, command);
        }
        commands.endValue(i, row.commands.size());
      }
    }
    commands.getDataVector().setValueCount(count);
    root.setRowCount(rows.size());
  }

  private static void put(StructVector struct, int i, Command command) {
    struct.setIndexDefined(i);
    if (command.op != null) {
      ((VarCharVector) struct.getChild("op"))
          .setSafe(i, command.op.getBytes(StandardCharsets.UTF_8));
    }
    if (command.point != null) {
      ((BigIntVector) struct.getChild("point")).setSafe(i, command.point);
    }
    if (command.x != null) {
      ((Float4Vector) struct.getChild("x")).setSafe(i, command.x);
      ((Float4Vector) struct.getChild("y")).setSafe(i, command.y);
    }
    if (command.frame != null) {
      ((BigIntVector) struct.getChild("frame")).setSafe(i, command.frame);
    }
  }
}
