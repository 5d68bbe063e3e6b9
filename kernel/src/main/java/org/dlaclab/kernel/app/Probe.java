package org.dlaclab.kernel.app;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.dlaclab.kernel.protocol.Connection;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/** The smallest client that there is: asks a kernel, and waits for its reply. */
final class Probe implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final String DELIMITER = "<IDS|MSG>";

  private final Connection connection;
  private final ZContext context = new ZContext();
  private final ZMQ.Socket shell;
  private final ZMQ.Socket control;
  private final ZMQ.Socket output;

  /** A client of the kernel at a connection; it need not be there yet. */
  Probe(Connection connection) {
    this.connection = connection;
    shell = connect(SocketType.DEALER, connection.shellPort());
    control = connect(SocketType.DEALER, connection.controlPort());
    output = connect(SocketType.SUB, connection.iopubPort());
    output.subscribe(ZMQ.SUBSCRIPTION_ALL);
  }

  /** Five free ports on loopback, and a key. */
  static Connection freePorts() {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return new Connection(
          "tcp",
          LOOPBACK,
          sockets.get(0).getLocalPort(),
          sockets.get(1).getLocalPort(),
          sockets.get(2).getLocalPort(),
          sockets.get(3).getLocalPort(),
          sockets.get(4).getLocalPort(),
          "hmac-sha256",
          UUID.randomUUID().toString());
    } catch (IOException e) {
      throw new UserError(1, "no free port on " + LOOPBACK + ": " + e.getMessage(), e);
    } finally {
      for (ServerSocket socket : sockets) {
        try {
          socket.close();
        } catch (IOException e) {
          // It stays taken; the kernel says so.
        }
      }
    }
  }

  private ZMQ.Socket connect(SocketType type, int port) {
    ZMQ.Socket socket = context.createSocket(type);
    socket.setLinger(0);
    socket.connect(connection.transport() + "://" + connection.ip() + ":" + port);
    return socket;
  }

  /** Asks on the shell; the content of the reply, or null if none came in time. */
  @Nullable JsonObject ask(String type, JsonObject content, int timeoutMillis) {
    return ask(shell, type, content, timeoutMillis);
  }

  /** Asks for the end. */
  @Nullable JsonObject shutdown(int timeoutMillis) {
    JsonObject content = new JsonObject();
    content.addProperty("restart", false);
    return ask(control, "shutdown_request", content, timeoutMillis);
  }

  private @Nullable JsonObject ask(
      ZMQ.Socket socket, String type, JsonObject content, int timeoutMillis) {
    JsonObject header = new JsonObject();
    header.addProperty("msg_id", UUID.randomUUID().toString());
    header.addProperty("session", "probe");
    header.addProperty("username", "probe");
    header.addProperty("date", Instant.now().toString());
    header.addProperty("msg_type", type);
    header.addProperty("version", "5.4");
    List<String> parts = List.of(header.toString(), "{}", "{}", content.toString());
    socket.sendMore(DELIMITER);
    socket.sendMore(sign(parts));
    socket.sendMore(parts.get(0));
    socket.sendMore(parts.get(1));
    socket.sendMore(parts.get(2));
    socket.send(parts.get(3));
    socket.setReceiveTimeOut(timeoutMillis);
    String frame = socket.recvStr();
    while (frame != null && !frame.equals(DELIMITER)) {
      frame = socket.recvStr();
    }
    if (frame == null) {
      return null;
    }
    String last = "{}";
    // Signature, header, parent header, metadata, content.
    for (int i = 0; i < 5; i++) {
      last = socket.recvStr();
    }
    while (output.recv(ZMQ.DONTWAIT) != null) {
      // What it shows is not looked at.
    }
    return JsonParser.parseString(last).getAsJsonObject();
  }

  private String sign(List<String> parts) {
    try {
      String algorithm = connection.signatureScheme().replace("-", "");
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(connection.key().getBytes(StandardCharsets.UTF_8), algorithm));
      parts.forEach(part -> mac.update(part.getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(mac.doFinal());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(connection.signatureScheme(), e);
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
