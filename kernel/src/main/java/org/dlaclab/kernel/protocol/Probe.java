package org.dlaclab.kernel.protocol;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/**
 * The smallest client that there is: it asks a kernel one thing at a time, and waits for the reply.
 */
public final class Probe implements AutoCloseable {
  /** How often it looks whether there is somebody to answer. */
  private static final int PATIENCE_MILLIS = 50;

  private final Connection connection;
  private final Codec codec;
  private final ZContext context = new ZContext();
  private final ZMQ.Socket shell;
  private final ZMQ.Socket control;

  /** A client of the kernel at a connection, which need not be there yet. */
  public Probe(Connection connection) {
    this.connection = connection;
    codec = new Codec(new Signature(connection.signatureScheme(), connection.key()));
    shell = connect(connection.shellPort());
    control = connect(connection.controlPort());
  }

  /**
   * A connection on free ports of loopback, with a key.
   *
   * @throws ConnectionException if there are none
   */
  public static Connection freePorts() {
    List<ServerSocket> held = new ArrayList<>();
    try {
      int[] ports = new int[5];
      for (int i = 0; i < ports.length; i++) {
        held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        ports[i] = held.get(i).getLocalPort();
      }
      return new Connection(
          "tcp",
          "127.0.0.1",
          ports[0],
          ports[1],
          ports[2],
          ports[3],
          ports[4],
          "hmac-sha256",
          UUID.randomUUID().toString());
    } catch (IOException e) {
      throw new ConnectionException("No free port on 127.0.0.1: " + e.getMessage(), e);
    } finally {
      for (ServerSocket socket : held) {
        try {
          socket.close();
        } catch (IOException e) {
          // It stays taken; the kernel says so.
        }
      }
    }
  }

  private ZMQ.Socket connect(int port) {
    ZMQ.Socket socket = context.createSocket(SocketType.DEALER);
    socket.setLinger(0);
    socket.connect(connection.transport() + "://" + connection.ip() + ":" + port);
    return socket;
  }

  /** Asks on the shell; the content of the reply, or null if none came in time. */
  public @Nullable JsonObject ask(String type, JsonObject content, int timeoutMillis) {
    return ask(type, content, timeoutMillis, () -> true);
  }

  /**
   * Asks on the shell, as long as there is somebody to answer; the content of the reply, or null if
   * none came in time.
   */
  public @Nullable JsonObject ask(
      String type, JsonObject content, int timeoutMillis, BooleanSupplier isAlive) {
    return ask(shell, type, content, timeoutMillis, isAlive);
  }

  /** Asks for the end; the content of the reply, or null if none came in time. */
  public @Nullable JsonObject shutdown(int timeoutMillis) {
    JsonObject content = new JsonObject();
    content.addProperty("restart", false);
    return ask(control, "shutdown_request", content, timeoutMillis, () -> true);
  }

  private @Nullable JsonObject ask(
      ZMQ.Socket socket,
      String type,
      JsonObject content,
      int timeoutMillis,
      BooleanSupplier isAlive) {
    List<byte[]> frames =
        codec.encode(List.of(), type, new JsonObject(), new JsonObject(), content, List.of());
    for (int i = 0; i < frames.size(); i++) {
      socket.send(frames.get(i), i < frames.size() - 1 ? ZMQ.SNDMORE : 0);
    }
    socket.setReceiveTimeOut(PATIENCE_MILLIS);
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    byte[] first = socket.recv();
    while (first == null && System.nanoTime() < end && isAlive.getAsBoolean()) {
      first = socket.recv();
    }
    List<byte[]> reply = new ArrayList<>();
    do {
      byte[] frame = reply.isEmpty() ? first : socket.recv();
      if (frame == null) {
        return null;
      }
      reply.add(frame);
    } while (socket.hasReceiveMore());
    try {
      return codec.decode(reply).content();
    } catch (Codec.Rejected e) {
      return null;
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
