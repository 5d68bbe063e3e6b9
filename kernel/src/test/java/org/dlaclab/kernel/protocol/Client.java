package org.dlaclab.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** A client as the specification describes it, which shares no code with the kernel's side. */
public final class Client implements AutoCloseable {
  public static final String KEY = "a-secret-of-the-test";
  private static final int PATIENCE_MILLIS = 10_000;

  /**
   * In about one connection of a hundred, JeroMQ as a client never reads the server's greeting,
   * whatever the server: it forgets to watch the connection. It then has to try again.
   */
  private static final int HANDSHAKE_MILLIS = 500;

  private final Connection connection;
  private final ZMQ.Context context = ZMQ.context(1);
  private final List<ZMQ.Socket> sockets = new ArrayList<>();
  private final String session = UUID.randomUUID().toString();
  private int count;

  public Client(Connection connection) {
    this.connection = connection;
  }

  /** A connection on free ports of loopback. */
  public static Connection free(String key) {
    Connection c = Probe.freePorts();
    return new Connection(
        c.transport(),
        c.ip(),
        c.shellPort(),
        c.controlPort(),
        c.stdinPort(),
        c.iopubPort(),
        c.heartbeatPort(),
        c.signatureScheme(),
        key);
  }

  /** What arrived: its identities or topic, and the five parts and buffers behind the delimiter. */
  public record Received(List<byte[]> address, List<byte[]> parts) {
    public String topic() {
      return new String(address.get(0), StandardCharsets.UTF_8);
    }

    public JsonObject header() {
      return json(1);
    }

    public JsonObject parent() {
      return json(2);
    }

    public JsonObject metadata() {
      return json(3);
    }

    public JsonObject content() {
      return json(4);
    }

    public String type() {
      return header().get("msg_type").getAsString();
    }

    public List<byte[]> buffers() {
      return parts.subList(5, parts.size());
    }

    private JsonObject json(int part) {
      return JsonParser.parseString(new String(parts.get(part), StandardCharsets.UTF_8))
          .getAsJsonObject();
    }
  }

  public ZMQ.Socket connect(Channel channel) {
    return connect(channel, null);
  }

  public ZMQ.Socket connect(Channel channel, String identity) {
    int port =
        switch (channel) {
          case SHELL -> connection.shellPort();
          case CONTROL -> connection.controlPort();
          case STDIN -> connection.stdinPort();
        };
    ZMQ.Socket socket = socket(SocketType.DEALER);
    if (identity != null) {
      socket.setIdentity(identity.getBytes(StandardCharsets.UTF_8));
    }
    socket.connect("tcp://127.0.0.1:" + port);
    return socket;
  }

  ZMQ.Socket heartbeat() {
    ZMQ.Socket socket = socket(SocketType.REQ);
    socket.connect("tcp://127.0.0.1:" + connection.heartbeatPort());
    return socket;
  }

  /** Listens to all that is published, and waits until it does. */
  public ZMQ.Socket subscribe() {
    ZMQ.Socket socket = unwelcomed("", 1000);
    while (!receive(socket).type().equals("iopub_welcome")) {
      // Published just before, such as that the kernel starts.
    }
    return socket;
  }

  ZMQ.Socket unwelcomed(String topic, int highWater) {
    ZMQ.Socket socket = socket(SocketType.SUB);
    socket.setRcvHWM(highWater);
    socket.subscribe(topic);
    socket.connect("tcp://127.0.0.1:" + connection.iopubPort());
    return socket;
  }

  private ZMQ.Socket socket(SocketType type) {
    ZMQ.Socket socket = context.socket(type);
    socket.setLinger(0);
    socket.setReceiveTimeOut(PATIENCE_MILLIS);
    socket.setHandshakeIvl(HANDSHAKE_MILLIS);
    sockets.add(socket);
    return socket;
  }

  public JsonObject header(String type) {
    JsonObject header = new JsonObject();
    header.addProperty("msg_id", session + "_" + ++count);
    header.addProperty("msg_type", type);
    header.addProperty("session", session);
    header.addProperty("username", "someone");
    header.addProperty("date", "2026-01-02T03:04:05.678901Z");
    header.addProperty("version", "5.4");
    return header;
  }

  JsonObject request(ZMQ.Socket socket, String type) {
    JsonObject header = header(type);
    send(socket, header.toString(), "{}", "{}", "{}");
    return header;
  }

  public void send(ZMQ.Socket socket, String... parts) {
    List<byte[]> signed = new ArrayList<>();
    for (String part : parts) {
      signed.add(part.getBytes(StandardCharsets.UTF_8));
    }
    List<byte[]> frames = new ArrayList<>();
    frames.add("<IDS|MSG>".getBytes(StandardCharsets.UTF_8));
    frames.add(sign(connection.key(), signed));
    frames.addAll(signed);
    raw(socket, frames);
  }

  static void raw(ZMQ.Socket socket, List<byte[]> frames) {
    for (int i = 0; i < frames.size(); i++) {
      socket.send(frames.get(i), i < frames.size() - 1 ? ZMQ.SNDMORE : 0);
    }
  }

  static byte[] sign(String key, List<byte[]> parts) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      parts.forEach(mac::update);
      return HexFormat.of().formatHex(mac.doFinal()).getBytes(StandardCharsets.US_ASCII);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The next message, whose signature must be right. */
  public Received receive(ZMQ.Socket socket) {
    List<byte[]> address = new ArrayList<>();
    List<byte[]> parts = new ArrayList<>();
    boolean behind = false;
    byte[] frame = socket.recv();
    assertThat(frame).as("a message").isNotNull();
    while (true) {
      if (behind) {
        parts.add(frame);
      } else if (new String(frame, StandardCharsets.ISO_8859_1).equals("<IDS|MSG>")) {
        behind = true;
      } else {
        address.add(frame);
      }
      if (!socket.hasReceiveMore()) {
        break;
      }
      frame = socket.recv();
    }
    assertThat(parts).hasSizeGreaterThanOrEqualTo(5);
    if (!connection.key().isEmpty()) {
      assertThat(parts.get(0)).isEqualTo(sign(connection.key(), parts.subList(1, 5)));
    }
    return new Received(address, parts);
  }

  /** Goes away as a killed process does. */
  @Override
  public void close() {
    sockets.forEach(ZMQ.Socket::close);
    context.term();
  }
}
