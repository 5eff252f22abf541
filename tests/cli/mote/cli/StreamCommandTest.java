package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import mote.stream.Answer;
import mote.stream.Row;
import mote.stream.Row.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code mote stream} in a process of its own, with peers in Java and Python. */
class StreamCommandTest extends CliFixture {
  private static final int FRAMES = 12;

  /** The moving pattern, a point from the first frame on. */
  private static byte[] stream() {
    List<byte[]> pictures = moving(FRAMES);
    Row[] rows = new Row[FRAMES];
    for (int i = 0; i < FRAMES; i++) {
      List<Command> commands =
          i == 0 ? List.of(Command.add(40, 24), Command.add(400, 24)) : List.of();
      rows[i] = new Row(i, HEIGHT, WIDTH, pictures.get(i), commands);
    }
    return Row.stream(rows);
  }

  private static void assertTracked(byte[] out) {
    List<Answer> answers = Answer.all(out);
    assertEquals(FRAMES, answers.size());
    assertEquals(
        "[{\"point\":0},{\"error\":\"point lies outside the picture: x=400.0, y=24.0, width=64,"
            + " height=48; give 0 <= x <= 63 and 0 <= y <= 47\"}]",
        answers.get(0).results());
    for (int i = 0; i < FRAMES; i++) {
      assertEquals(i, answers.get(i).frame());
      assertNull(answers.get(i).error());
      Answer.Position at = answers.get(i).rows().get(0);
      assertEquals(1, answers.get(i).rows().size());
      assertEquals(40 - SPEED * i, at.x(), 1, "x on frame " + i);
      assertEquals(24, at.y(), 1, "y on frame " + i);
    }
  }

  private Process start(Object... arguments) throws IOException {
    List<Object> all = new ArrayList<>(List.of("stream"));
    all.addAll(List.of(arguments));
    return new ProcessBuilder(childCommand(all.toArray()))
        .redirectError(folder.resolve("err.txt").toFile())
        .start();
  }

  private String err() throws IOException {
    return Files.readString(folder.resolve("err.txt"));
  }

  private static int end(Process process) throws InterruptedException {
    assertTrue(process.waitFor(60, TimeUnit.SECONDS), "did not end");
    return process.exitValue();
  }

  @Test
  void standardInputAndOutput() throws Exception {
    Path in = Files.write(folder.resolve("in.arrows"), stream());
    List<String> command = childCommand("stream");
    Path out = folder.resolve("out.arrows");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(folder.resolve("err.txt").toFile())
            .start();
    assertEquals(0, end(process));
    assertTracked(Files.readAllBytes(out));
    assertContains(err(), "mote: standard input: 12 frames, 0 dropped\n");
  }

  @Test
  void whatIsNoStreamIsAnsweredAndFails() throws Exception {
    Process process = start();
    process.getOutputStream().write("hello, this is no stream".getBytes());
    process.getOutputStream().close();
    byte[] out = process.getInputStream().readAllBytes();
    assertEquals(1, end(process));
    String error = Answer.all(out).get(0).error();
    assertTrue(error.startsWith("this is no Arrow IPC stream: first_bytes=0x68656c6c;"), error);
    assertContains(err(), error);
  }

  @Test
  void processorsAreKeptAwakeWhereAskedTo() throws Exception {
    requireAwake();
    Process process = start("--awake");
    process.getOutputStream().write(stream());
    process.getOutputStream().close();
    byte[] out = process.getInputStream().readAllBytes();
    assertEquals(0, end(process));
    assertTracked(out);
    assertContains(err(), "mote: processors kept awake: ");
  }

  /** The writer stays open: a read that waits for it must not keep the process. */
  @Test
  void silenceOnStandardInputEnds() throws Exception {
    Process process = start("--timeout", 0.5);
    byte[] out = process.getInputStream().readAllBytes();
    assertEquals(1, end(process));
    assertEquals(
        "peer is silent: seconds=0.5; send a whole message in that time, an empty one will do",
        Answer.all(out).get(0).error());
  }

  @Test
  void interruptedOnStandardInput() throws Exception {
    Process process = start();
    byte[] all = stream();
    process.getOutputStream().write(all, 0, all.length - 8);
    process.getOutputStream().flush();
    byte[] head = process.getInputStream().readNBytes(2000); // it is at work
    process.toHandle().destroy(); // SIGTERM, and the pipes stay open
    byte[] rest = process.getInputStream().readAllBytes();
    assertEquals(Main.INTERRUPTED, end(process));
    byte[] out = Arrays.copyOf(head, head.length + rest.length);
    System.arraycopy(rest, 0, out, head.length, rest.length);
    List<Answer> answers = Answer.all(out);
    String error = answers.get(answers.size() - 1).error();
    assertTrue(error.startsWith("server is stopping: peer=standard input; "), error);
  }

  @Test
  void aSocketUntilItIsInterrupted() throws Exception {
    Path socket = folder.resolve("s");
    Process process = start("--listen", "unix:" + socket, "--json", "--policy", "every");
    var events = process.inputReader();
    JsonNode listening = new ObjectMapper().readTree(events.readLine());
    assertEquals(
        "{\"event\":\"listening\",\"listen\":\"unix:" + socket + "\"}", listening.toString());
    try (SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer bytes = ByteBuffer.wrap(stream());
      while (bytes.hasRemaining()) {
        peer.write(bytes);
      }
      assertTracked(Channels.newInputStream(peer).readAllBytes());
    }
    assertEquals(
        "{\"event\":\"ended\",\"peer\":\"unix client 1\",\"frames\":12,\"dropped\":0,\"error\":null}",
        events.readLine());
    process.toHandle().destroy();
    assertEquals(Main.INTERRUPTED, end(process));
    assertFalse(Files.exists(socket));
    assertContains(
        err(), "mote: listening on unix:" + socket + ": policy every, 64 points, 4 connections");
  }

  /** The client that the README shows, against the real thing. */
  @Test
  void theClientInPython() throws Exception {
    Process probe = new ProcessBuilder("python3", "-c", "import numpy, pyarrow").start();
    boolean python = probe.waitFor() == 0;
    if (!python) {
      System.out.println("skipped: theClientInPython: python3 has no pyarrow and numpy");
    }
    assumeTrue(python, "python3 has no pyarrow and numpy: pip install pyarrow numpy");
    Path token = Files.writeString(folder.resolve("token"), "correct horse battery\nstaple\n");
    Process process = start("--listen", "tcp://127.0.0.1:0", "--json", "--token-file", token);
    var events = process.inputReader();
    String address = new ObjectMapper().readTree(events.readLine()).get("listen").asText();
    Process client =
        new ProcessBuilder(
                "python3",
                Home.file("java/stream/client/mote_client.py").toString(),
                address,
                "--token-file",
                token.toString(),
                "--frames",
                "8")
            .redirectErrorStream(true)
            .start();
    String said = new String(client.getInputStream().readAllBytes());
    assertEquals(0, end(client), said);
    String last = said.lines().reduce((first, second) -> second).orElse("");
    assertTrue(last.matches("7 0: 11[345]\\.\\d,(99|100|101)\\.\\d 1: 21[345]\\..*"), said);
    process.toHandle().destroy();
    assertEquals(Main.INTERRUPTED, end(process));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--listen=7788 | address is malformed: listen=\"7788\"; give tcp://host:port, unix:/path or -",
        "--listen=tcp://0.0.0.0:0 | address is open to other machines: listen=tcp://0.0.0.0:0; give --token-file, or listen on 127.0.0.1",
        "--json | there is no place for JSON: listen=-; standard output has the tracks, give an address",
        "--token-file=t | nobody could give a token: listen=-; leave --token-file out, or give an address",
        "--points=0 | stream's size is out of range: points=0; give 1 to 65536",
        "--connections=257 --listen=unix:s | stream's size is out of range: connections=257; give 1 to 256",
        "--timeout=0 | timeout is out of range: seconds=0.0; give 0.05 to 86400",
        "--timeout=NaN | timeout is out of range: seconds=NaN; give 0.05 to 86400",
        "--max-frame=1x1 | size is out of range: width=1, height=1; give 32 to 8192 for both",
      })
  void wrongUsage(String options, String message) {
    List<Object> command = new ArrayList<>(List.of("stream"));
    command.addAll(List.of(options.split(" ")));
    Ran ran = run(command.toArray()).expect(2);
    assertEquals(
        List.of("mote: " + message, "Try 'mote stream --help'."), ran.err().lines().toList());
    assertEquals("", ran.out());
  }

  @Test
  void tokenFilesThatAreNone() throws Exception {
    Path token = folder.resolve("token");
    Object[] command = {"stream", "--listen", "tcp://:0", "--token-file", token};
    assertSaid(
        run(command).expect(1),
        "token file is missing: file=" + token + "; write a secret into it");
    Files.writeString(token, "short\n");
    assertSaid(run(command).expect(1), "token has the wrong length: bytes=5; give 16 to 1024");
    Files.write(token, new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    assertSaid(run(command).expect(1), "token file is not text: file=" + token + "; write UTF-8");
    Files.writeString(token, "x".repeat(5000));
    assertSaid(run(command).expect(1), "token has the wrong length: bytes=1026; give 16 to 1024");
    Files.delete(token);
    Files.createDirectory(token);
    assertSaid(run(command).expect(1), "token file cannot be read: file=" + token + ",");
  }
}
