package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;

/** What a well-behaved peer is answered. */
class AnswersTest extends StreamFixture {
  @Test
  void everyRowIsAnsweredInOrder() {
    Served served =
        serve(
            Row.stream(
                Row.picture(10, HEIGHT, WIDTH, Command.add(1, 2), Command.add(3, 4)),
                Row.picture(11, HEIGHT, WIDTH),
                Row.picture(15, HEIGHT, WIDTH, Command.add(0, 0))));
    assertNull(served.report().error());
    assertEquals(3, served.report().frames());
    assertEquals(3, served.answers().size());
    assertEquals("[{\"point\":0},{\"point\":1}]", served.answers().get(0).results());
    assertNull(served.answers().get(1).results());
    assertEquals("[{\"point\":2}]", served.answers().get(2).results());
    assertEquals(List.of(10L, 11L, 15L), served.answers().stream().map(Answer::frame).toList());
    float shade = 15 / 255f;
    assertEquals(
        List.of(
            new Answer.Position(15, 15000, 0, 3, 2, shade, 0.5f),
            new Answer.Position(15, 15000, 1, 5, 4, shade, 0.5f),
            new Answer.Position(15, 15000, 2, 0, 0, shade, null)),
        served.last().rows());
  }

  @Test
  void manyRowsOfABatchAreAnsweredOneByOne() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      rows.add(Row.picture(i, 2, 4 + i % 2, Command.add(i % 2, 1)));
    }
    Served served =
        serve(Row.stream(InputSchema.of(null), List.of(rows, List.of(), List.of(rows.get(0)))));
    assertEquals(6, served.answers().size());
    assertEquals(5, served.answers().get(4).rows().size());
    assertEquals(
        "frame does not follow the last one: frame=0, last=4; count upwards",
        served.last().error());
  }

  @Test
  void commandsComeWithoutAPictureToo() {
    Served served =
        serve(
            Row.stream(
                Row.picture(0, HEIGHT, WIDTH, Command.add(1, 1), Command.add(2, 2)),
                Row.only(new Command("move", 0L, 4f, 5f, null), Command.of("freeze", 1)),
                Row.picture(1, HEIGHT, WIDTH),
                Row.only(Command.of("thaw", 1), Command.of("remove", 0), Command.of("cut", 0)),
                Row.picture(2, HEIGHT, WIDTH)));
    assertEquals("[{},{}]", served.answers().get(1).results());
    Answer.Position moved = served.answers().get(1).rows().get(0);
    assertEquals(List.of(4f, 5f), List.of(moved.x(), moved.y()));
    assertEquals(0, served.answers().get(1).frame());
    assertEquals(
        List.of(5f, 2f), served.answers().get(2).rows().stream().map(Answer.Position::x).toList());
    assertEquals("[{},{},{}]", served.answers().get(3).results());
    assertEquals(List.of(3f), served.last().rows().stream().map(Answer.Position::x).toList());
  }

  @Test
  void refusedCommandsSayWhyAndTheRestGoesOn() {
    Served served =
        serve(
            Row.stream(
                Row.only(Command.add(1, 1)),
                Row.picture(
                    0,
                    HEIGHT,
                    WIDTH,
                    Command.add(900, 1),
                    new Command("zoom \"\\\n", null, null, null, null),
                    new Command(null, null, null, null, null),
                    new Command("add", null, null, null, null),
                    Command.of("remove", 7),
                    Command.add(1, 1))));
    assertEquals(
        "[{\"error\":\"no picture has come yet: commands need one; send it first, or with them\"}]",
        served.answers().get(0).results());
    assertEquals(-1, served.answers().get(0).frame());
    assertEquals(
        "[{\"error\":\"point lies outside the picture: x=900.0, y=1.0; give pixels of it\"},"
            + "{\"error\":\"operation is unknown: op=\\\"zoom \\\"\\\\?\\\";"
            + " give add, remove, move, freeze, thaw, cut\"},"
            + "{\"error\":\"operation is unknown: op=null; give add, remove, move, freeze, thaw, cut\"},"
            + "{\"error\":\"point lies outside the picture: x=NaN, y=NaN; give pixels of it\"},"
            + "{\"error\":\"point is not live: point=7; add it\"},"
            + "{\"point\":0}]",
        served.last().results());
    assertEquals(1, served.last().rows().size());
    assertNull(served.report().error());
  }

  @Test
  void asManyRefusalsAsThereCanBeFit() {
    Command[] commands = new Command[SMALL.commands()];
    java.util.Arrays.fill(commands, new Command("x".repeat(300), null, null, null, null));
    Served served = serve(Row.stream(Row.picture(0, HEIGHT, WIDTH, commands)));
    String results = served.last().results();
    assertEquals(SMALL.commands(), results.split("\\},\\{").length);
    assertTrue(results.endsWith("{\"error\":\"refused as well\"}]"), results);
  }

  @Test
  void anotherSizeIsAnEventOfItsOwn() {
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    try (StreamServer server = server(SMALL, engines)) {
      Served served =
          serve(
              server,
              Row.stream(
                  Row.picture(0, HEIGHT, WIDTH),
                  Row.picture(1, HEIGHT, WIDTH),
                  Row.picture(2, WIDTH, HEIGHT),
                  Row.picture(3, 1, 1),
                  Row.picture(4, 16, 16)));
      assertNull(served.report().error());
      assertEquals(5, served.report().frames());
      assertEquals(3, engines.resizes.get());
    }
  }

  @Test
  void whatTheEngineCannotDoEndsTheStreamWithItsReason() {
    FakeEngine.Shared engines = new FakeEngine.Shared(5);
    try (StreamServer server = server(SMALL, engines)) {
      engines.failure = new mote.engine.MoteException("device is gone: device=0; restart");
      byte[] stream = Row.stream(Row.picture(0, HEIGHT, WIDTH), Row.picture(1, HEIGHT, WIDTH));
      Served served = serve(server, stream);
      assertEquals("device is gone: device=0; restart", served.last().error());
      engines.failure = new IllegalStateException("oops");
      assertEquals(
          "tracking failed: error=java.lang.IllegalStateException: oops; please report it",
          serve(server, stream).last().error());
      engines.failure = null;
      assertNull(serve(server, stream).report().error());
      assertEquals(0, engines.open.get());
    }
  }

  @Test
  void theSchemaSaysWhatIsServed() throws Exception {
    Bytes link = new Bytes(Row.stream());
    try (StreamServer server = server(SMALL, new FakeEngine.Shared(5))) {
      server.serve("bytes", link).get();
    }
    try (Answer.Reader reader =
        new Answer.Reader(new java.io.ByteArrayInputStream(link.out.toByteArray()))) {
      assertEquals(
          java.util.Map.of(
              "mote.tracks.version", "1",
              "mote.stream.version", "1",
              "mote.model", "fake",
              "mote.policy", "every",
              "mote.points", "5",
              "mote.frame_bytes", "768"),
          reader.schema().getCustomMetadata());
      assertNull(reader.next());
    }
  }
}
