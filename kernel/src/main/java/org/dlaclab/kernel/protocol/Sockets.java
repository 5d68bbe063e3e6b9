package org.dlaclab.kernel.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import zmq.Msg;
import zmq.ZError;

/** The kernel's five sockets, bound, and what wakes a thread when one of them has something. */
final class Sockets implements AutoCloseable {
  /** How long ZeroMQ goes on sending what it holds after closing. */
  private static final int LINGER_MILLIS = 1000;

  /**
   * Woken by all sockets but that of heartbeats. ZeroMQ's own poller does not serve: it says that a
   * socket of type XPUB can send when it can not, and so would never sleep while a client is slow.
   */
  final Selector selector;

  final ZMQ.Socket shell;
  final ZMQ.Socket control;
  final ZMQ.Socket stdin;
  final ZMQ.Socket iopub;
  final ZMQ.Socket heartbeat;

  private final Complaints complaints;
  private final Limits limits;
  private final ZMQ.Context context;

  /** Those that {@link #close} closes. */
  private final List<ZMQ.Socket> open = new ArrayList<>();

  /**
   * Binds to the ports of a connection, and to no others.
   *
   * @throws ConnectionException if one is taken, or the address is not of this machine
   */
  Sockets(Connection connection, Limits limits, Complaints complaints) {
    this.limits = limits;
    this.complaints = complaints;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    context = ZMQ.context(1);
    context.setThreadFactor(this::persistent);
    context.setNotificationExceptionHandler(
        (thread, thrown) -> complaints.say("ZeroMQ went on after a failure", thrown));
    try {
      shell = bind(router(), connection, "shell_port", connection.shellPort());
      control = bind(router(), connection, "control_port", connection.controlPort());
      stdin = bind(router(), connection, "stdin_port", connection.stdinPort());
      heartbeat =
          bind(socket(SocketType.ROUTER), connection, "hb_port", connection.heartbeatPort());
      iopub = bind(publisher(), connection, "iopub_port", connection.iopubPort());
      for (ZMQ.Socket socket : List.of(shell, control, stdin, iopub)) {
        socket.getFD().register(selector, SelectionKey.OP_READ);
      }
      open.remove(heartbeat);
    } catch (ClosedChannelException e) {
      close();
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** A socket that waits for nobody: what a client does not take is kept until it is gone. */
  private ZMQ.Socket router() {
    ZMQ.Socket socket = socket(SocketType.ROUTER);
    socket.setRouterHandover(true);
    socket.setSndHWM(0);
    return socket;
  }

  private ZMQ.Socket publisher() {
    ZMQ.Socket socket = socket(SocketType.XPUB);
    socket.setXpubNoDrop(true);
    socket.setXpubVerbose(true);
    socket.setSndHWM(limits.clientMessages());
    socket.setHeartbeatIvl(limits.pingMillis());
    socket.setHeartbeatTimeout(limits.silenceMillis());
    return socket;
  }

  private ZMQ.Socket socket(SocketType type) {
    ZMQ.Socket socket = context.socket(type);
    open.add(socket);
    socket.setLinger(LINGER_MILLIS);
    socket.setMaxMsgSize(limits.frameBytes());
    socket.setMsgAllocator(this::allocate);
    return socket;
  }

  /**
   * ZeroMQ takes a size of 2^63 or more for a negative one, below the limit, and its thread would
   * then spin. A frame without content takes its place; what follows is no message of ours.
   */
  private Msg allocate(int size) {
    return new Msg(size < 0 || size > limits.frameBytes() ? 0 : size);
  }

  private static ZMQ.Socket bind(ZMQ.Socket socket, Connection connection, String field, int port) {
    String ip = connection.ip();
    boolean six = ip.indexOf(':') >= 0;
    socket.setIPv6(six);
    String host = six && !ip.startsWith("[") ? "[" + ip + "]" : ip;
    try {
      socket.bind(connection.transport() + "://" + host + ":" + port);
      return socket;
    } catch (ZMQException e) {
      throw new ConnectionException(problem(field, port, ip, e), e);
    }
  }

  private static String problem(String field, int port, String ip, ZMQException e) {
    return switch (e.getErrorCode()) {
      case ZError.EADDRINUSE ->
          field
              + " is "
              + port
              + ", which another program uses on "
              + ip
              + ", or which this machine does not let us use. End that program, or take another"
              + " port.";
      case ZError.EADDRNOTAVAIL ->
          "The ip is " + ip + ", which is no address of this machine. Use 127.0.0.1.";
      default -> field + " " + port + " can not be bound on " + ip + ": " + e.getMessage();
    };
  }

  /**
   * A thread for ZeroMQ that outlives errors: without it, a cell that fills the heap would leave
   * the kernel deaf.
   */
  private Thread persistent(Runnable task, String name) {
    Runnable persist =
        () -> {
          while (true) {
            try {
              task.run();
              return;
            } catch (Throwable thrown) {
              complaints.say("ZeroMQ went on after an error", thrown);
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
          }
        };
    return daemon(persist, "jupyter-" + name);
  }

  /** A thread that holds up no exit, and that belongs to no cell. */
  static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(null, task, name, 0, false);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Closes all sockets but that of heartbeats, whose thread gets an error out of its waiting and
   * closes it. Returns when what ZeroMQ holds is sent, or after a second.
   */
  @Override
  public void close() {
    try {
      selector.close();
    } catch (IOException e) {
      complaints.say("The selector was not closed", e);
    }
    open.forEach(ZMQ.Socket::close);
    context.term();
  }
}
