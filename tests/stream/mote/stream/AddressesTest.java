package mote.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import mote.engine.MoteException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a server listens, and where it does not. */
class AddressesTest extends SocketFixture {
  @Test
  void memoryThatNobodyShouldAskFor() {
    StreamOptions vast = SMALL.withConnections(256).withLargestFrame(8192, 8192);
    assertEquals(
        "memory for streams is too large: connections=256, frame_bytes=201326592, bytes=%d; keep it under 4294967296 with fewer connections or smaller frames"
            .formatted(512L * vast.bodyBytes()),
        assertThrows(MoteException.class, () -> open(vast)).getMessage());
  }

  @Test
  void otherMachinesNeedAToken() {
    ListenAddress all = ListenAddress.parse("tcp://0.0.0.0:0");
    try (StreamServer server = open(SMALL)) {
      assertEquals(
          "address is open to other machines: listen=tcp://0.0.0.0:0; give a token, or listen on 127.0.0.1",
          assertThrows(MoteException.class, () -> server.listen(all)).getMessage());
    }
    try (StreamServer server = open(SMALL.withToken("0123456789abcdef"))) {
      assertTrue(server.listen(all).port() > 0);
    }
  }

  @Test
  void unixSocketsAreTheUsersOwn() throws Exception {
    Path path = folder.resolve("mote.sock");
    ListenAddress address = ListenAddress.parse("unix:" + path);
    try (StreamServer server = open(SMALL);
        StreamServer other = open(SMALL)) {
      server.listen(address);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      assertEquals(
          "path is taken by a server: path=" + path + "; end that one or choose another",
          assertThrows(MoteException.class, () -> other.listen(address)).getMessage());
      report(); // of the other's knock on the door
      assertServed(address);
    }
    try (var left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
    Files.writeString(path, "precious");
    try (StreamServer server = open(SMALL)) {
      assertEquals(
          "path is taken by a file: path=" + path + "; remove it or choose another",
          assertThrows(MoteException.class, () -> server.listen(address)).getMessage());
    }
    assertEquals("precious", Files.readString(path));
    Files.delete(path);
    try (var killed =
        java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
      killed.bind(UnixDomainSocketAddress.of(path));
    }
    assertTrue(Files.exists(path)); // as a server leaves it that was killed
    try (StreamServer server = open(SMALL)) {
      server.listen(address);
      assertServed(address);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7788",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:65536",
        "tcp://host name:1",
        "http://127.0.0.1:80",
        "unix:",
        "udp://127.0.0.1:1"
      })
  void addressesThatAreNone(String text) {
    assertEquals(
        "address is malformed: listen=\"" + text + "\"; give tcp://host:port, unix:/path or -",
        assertThrows(MoteException.class, () -> ListenAddress.parse(text)).getMessage());
  }

  @Test
  void addressesThatCannotBeHad() throws Exception {
    try (StreamServer server = open(SMALL);
        StreamServer other = open(SMALL)) {
      ListenAddress address = server.listen(LOOPBACK);
      assertEquals(
          "cannot listen: address="
              + address
              + ", error=Address already in use; choose another address",
          assertThrows(MoteException.class, () -> other.listen(address)).getMessage());
      ListenAddress unknown = ListenAddress.parse("tcp://no-such-host.invalid:1");
      assertEquals(
          "host is unknown: host=no-such-host.invalid; give an address of this machine",
          assertThrows(MoteException.class, () -> other.listen(unknown)).getMessage());
      Path deep = folder.resolve("x".repeat(100)).resolve("s");
      Files.createDirectory(deep.getParent());
      assertEquals(
          "path is too long for a socket: path=" + deep + "; keep its folder under 81 bytes",
          assertThrows(MoteException.class, () -> other.listen(ListenAddress.parse("unix:" + deep)))
              .getMessage());
      assertEquals(
          "folder of the socket does not exist: folder=/no/such/folder; create it or choose another",
          assertThrows(
                  MoteException.class,
                  () -> other.listen(ListenAddress.parse("unix:/no/such/folder/s")))
              .getMessage());
    }
  }
}
