package mote.stream;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mote.engine.MoteException;
import mote.engine.Untrusted;

/**
 * Where a server listens: {@code tcp://host:port} (without a host, on loopback; port 0 for any that
 * is free), {@code tcp://[::1]:port} or {@code unix:/path}.
 *
 * @param host null for a Unix socket
 * @param port 0 to 65535
 * @param path null for TCP
 */
public record ListenAddress(String host, int port, Path path) {
  private static final Pattern TCP =
      Pattern.compile("tcp://(\\[[0-9a-fA-F:.%]+]|[A-Za-z0-9.-]*):(\\d{1,5})");

  /** Bytes of a Unix socket's path at most ({@code sun_path} of Linux, with its zero). */
  private static final int LONGEST_PATH = 107;

  /**
   * @throws MoteException if the text is not an address
   */
  public static ListenAddress parse(String text) {
    if (text.startsWith("unix:") && text.length() > "unix:".length()) {
      return new ListenAddress(null, 0, Path.of(text.substring("unix:".length())));
    }
    Matcher matcher = TCP.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65535) {
      throw new MoteException(
          "address is malformed: listen=%s; give tcp://host:port, unix:/path or -"
              .formatted(Untrusted.quote(text)));
    }
    String host = matcher.group(1).isEmpty() ? "127.0.0.1" : matcher.group(1);
    return new ListenAddress(host, Integer.parseInt(matcher.group(2)), null);
  }

  /** Whether only programs of this machine can connect. */
  public boolean isLocal() {
    return path != null || resolve().isLoopbackAddress();
  }

  private InetAddress resolve() {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new MoteException(
          "host is unknown: host=" + host + "; give an address of this machine", e);
    }
  }

  /** Listens there. */
  ServerSocketChannel bind() {
    ServerSocketChannel channel = null;
    try {
      if (path == null) {
        channel = ServerSocketChannel.open();
        channel.bind(new InetSocketAddress(resolve(), port));
      } else {
        channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        bindPrivately(channel);
      }
      return channel;
    } catch (IOException e) {
      closeQuietly(channel);
      throw new MoteException(
          "cannot listen: address=%s, error=%s; choose another address"
              .formatted(this, e.getMessage()),
          e);
    } catch (MoteException e) {
      closeQuietly(channel);
      throw e;
    }
  }

  /**
   * Only this user may connect, at no time another: the socket is made in a folder of its own that
   * nobody else may enter, and renamed once it has its permissions.
   */
  private void bindPrivately(ServerSocketChannel channel) throws IOException {
    Path target = path.toAbsolutePath();
    if (!Files.isDirectory(target.getParent())) {
      throw new MoteException(
          "folder of the socket does not exist: folder=%s; create it or choose another"
              .formatted(target.getParent()));
    }
    refuseTaken();
    Path folder =
        Files.createTempDirectory(
            target.getParent(),
            ".m",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path made = folder.resolve("s");
    try {
      if (Math.max(made.toString().length(), target.toString().length()) > LONGEST_PATH) {
        throw new MoteException(
            "path is too long for a socket: path=%s; keep its folder under %d bytes"
                .formatted(path, LONGEST_PATH - 26));
      }
      channel.bind(UnixDomainSocketAddress.of(made));
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
      Files.move(made, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(made);
      Files.delete(folder);
    }
  }

  /** A socket on which nobody listens any more may be replaced, and nothing else. */
  private void refuseTaken() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    boolean socket =
        (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) >> 12 == 0b1100;
    if (!socket) {
      throw new MoteException(
          "path is taken by a file: path=" + path + "; remove it or choose another");
    }
    if (isServed()) {
      throw new MoteException(
          "path is taken by a server: path=" + path + "; end that one or choose another");
    }
  }

  /** False for what a server left that was killed. */
  private boolean isServed() throws IOException {
    try (SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return there.isConnected();
    } catch (ConnectException refused) {
      return false;
    }
  }

  /** The address as it turned out: with the port that was free. */
  ListenAddress bound(ServerSocketChannel channel) {
    return path == null ? new ListenAddress(host, channel.socket().getLocalPort(), null) : this;
  }

  /** Removes what {@link #bind} left in the file system. */
  void remove() throws IOException {
    if (path != null) {
      Files.deleteIfExists(path);
    }
  }

  private static void closeQuietly(ServerSocketChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // what went wrong before is what is said
      }
    }
  }

  @Override
  public String toString() {
    return path == null ? "tcp://" + host + ":" + port : "unix:" + path;
  }
}
