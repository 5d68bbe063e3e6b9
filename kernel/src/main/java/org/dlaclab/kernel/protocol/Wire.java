package org.dlaclab.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import zmq.ZError;

/**
 * Jupyter's five channels on ZeroMQ. One thread waits for all of them and owns their sockets;
 * heartbeats are echoed by another, so that they come back while the first is busy. Any thread may
 * send and publish: what it sends goes into a queue, and the wire's thread is woken.
 *
 * <p>Nothing published is lost. What a client has not taken waits: a few messages in ZeroMQ, then a
 * bounded queue, then whoever calls {@link #publish}, until there is room. A client that takes
 * nothing at all for five minutes is cut off, so that one that is suspended or unplugged does not
 * hold up the kernel for ever. With no client there is nobody to lose it.
 */
public final class Wire implements AutoCloseable {
  /** The version of the protocol that this speaks. */
  public static final String PROTOCOL_VERSION = "5.4";

  /** Messages taken from a channel, or published, before the others have their turn. */
  private static final int BATCH = 64;

  /** How long {@link #close} goes on sending what waits here. */
  private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long {@link #close} waits in all. */
  private static final long CLOSE_MILLIS = 4000;

  /**
   * ZeroMQ reports an event once, and trying to send may take in the report of a subscription.
   * While a client is slow, subscriptions are therefore looked for this often.
   */
  private static final int BLOCKED_MILLIS = 100;

  /** A longer subscription is not answered: no client has one, and the answer would hold it. */
  private static final int LONGEST_TOPIC = 1024;

  private final Receiver receiver;
  private final Codec codec;
  private final Complaints complaints = new Complaints();
  private final AtomicLong dropped = new AtomicLong();
  private final Sockets sockets;
  private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
  private final Outbox outbox;
  private final Thread thread = Sockets.daemon(this::run, "jupyter-wire");
  private final Thread echo = Sockets.daemon(this::echo, "jupyter-heartbeat");
  private final AtomicBoolean woken = new AtomicBoolean();

  private final Object starting = new Object();
  private boolean started;
  private volatile boolean closing;

  /** Takes messages as they come. */
  @FunctionalInterface
  public interface Receiver {
    /**
     * Called on the wire's thread, which does nothing else meanwhile: must be quick. What it throws
     * is reported on stderr, and the next message comes as usual.
     */
    void received(Channel channel, Message message);
  }

  private record Reply(ZMQ.Socket socket, List<byte[]> frames) {}

  /**
   * Binds all ports of a connection, and no others. Messages are taken from {@link #start} on.
   *
   * @throws ConnectionException if a port is taken, the address is not of this machine, or the
   *     signature scheme is unknown
   */
  public Wire(Connection connection, Receiver receiver) {
    this(connection, receiver, Limits.DEFAULT);
  }

  Wire(Connection connection, Receiver receiver, Limits limits) {
    this.receiver = receiver;
    this.codec = new Codec(new Signature(connection.signatureScheme(), connection.key()));
    this.outbox = new Outbox(limits.queuedMessages(), limits.queuedBytes());
    this.sockets = new Sockets(connection, limits, complaints);
  }

  /** The kernel's session: the same in the header of all that it sends. */
  public String session() {
    return codec.session();
  }

  /** How many messages were dropped since they were not signed by our key, or malformed. */
  public long dropped() {
    return dropped.get();
  }

  /** Begins to take messages. */
  public void start() {
    synchronized (starting) {
      if (started || closing) {
        throw new IllegalStateException("A wire starts once.");
      }
      started = true;
      echo.start();
      thread.start();
    }
  }

  /**
   * Sends to the client of a request: a reply, or on stdin a question. It never waits. If the
   * client is gone, the message goes nowhere.
   */
  public void send(Channel channel, Message request, String type, JsonObject content) {
    send(channel, request, type, content, new JsonObject(), List.of());
  }

  /** Sends to the client of a request, with metadata and binary data. */
  public void send(
      Channel channel,
      Message request,
      String type,
      JsonObject content,
      JsonObject metadata,
      List<byte[]> buffers) {
    if (closing) {
      return;
    }
    replies.add(
        new Reply(
            socket(channel),
            codec.encode(
                request.identities(), type, request.header(), metadata, content, buffers)));
    wake();
  }

  /**
   * Publishes to all clients, in the order of calls. Waits while the slowest client is so far
   * behind that the queue is full; on the wire's own thread it never waits.
   *
   * @param parentHeader header of the request that led to it; empty if none did
   * @throws InterruptedException if interrupted while it waits; the message is not published then
   */
  public void publish(JsonObject parentHeader, String type, JsonObject content)
      throws InterruptedException {
    publish(parentHeader, type, content, new JsonObject(), List.of());
  }

  /** Publishes to all clients, with metadata and binary data. */
  public void publish(
      JsonObject parentHeader,
      String type,
      JsonObject content,
      JsonObject metadata,
      List<byte[]> buffers)
      throws InterruptedException {
    List<byte[]> message = published(parentHeader, type, content, metadata, buffers);
    if (Thread.currentThread() == thread) {
      outbox.putNow(message);
    } else {
      outbox.put(message);
    }
    wake();
  }

  /**
   * Publishes without waiting, in order with the others: what is small and must not be held up by a
   * slow client, such as a status while a cell's output waits.
   */
  public void publishNow(JsonObject parentHeader, String type, JsonObject content) {
    outbox.putNow(published(parentHeader, type, content, new JsonObject(), List.of()));
    wake();
  }

  private List<byte[]> published(
      JsonObject parentHeader,
      String type,
      JsonObject content,
      JsonObject metadata,
      List<byte[]> buffers) {
    byte[] topic = topic(type, content).getBytes(StandardCharsets.UTF_8);
    return codec.encode(List.of(topic), type, parentHeader, metadata, content, buffers);
  }

  private String topic(String type, JsonObject content) {
    JsonElement name = content.get("name");
    return type.equals("stream") && name != null
        ? "stream." + name.getAsString()
        : "kernel." + codec.session() + "." + type;
  }

  /**
   * Sends what waits, for about two seconds at most, and frees the ports. What is sent or published
   * from now on goes nowhere. It may be called from any thread, a shutdown hook too, and again.
   */
  @Override
  public void close() {
    boolean mine;
    synchronized (starting) {
      mine = !closing && !started;
      closing = true;
    }
    outbox.close();
    if (mine) {
      sockets.heartbeat.close();
      sockets.close();
      return;
    }
    sockets.selector.wakeup();
    if (Thread.currentThread() != thread) {
      join();
    }
  }

  private void join() {
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
    while (thread.isAlive() && System.nanoTime() < end) {
      try {
        thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private ZMQ.Socket socket(Channel channel) {
    return switch (channel) {
      case SHELL -> sockets.shell;
      case CONTROL -> sockets.control;
      case STDIN -> sockets.stdin;
    };
  }

  private void wake() {
    if (!woken.get() && woken.compareAndSet(false, true)) {
      sockets.selector.wakeup();
    }
  }

  /** The wire's thread. */
  private void run() {
    while (!closing) {
      try {
        // First, so that what comes while the channels are looked at wakes the selector.
        woken.set(false);
        while (!closing && exchange()) {
          // Until there is nothing to do.
        }
        await(outbox.oldest() == null ? 0 : BLOCKED_MILLIS);
      } catch (Throwable thrown) {
        complaints.say("The wire went on after a failure", thrown);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
    try {
      drain();
    } catch (Throwable thrown) {
      complaints.say("Not all was sent when the kernel ended", thrown);
    }
    sockets.close();
  }

  /** Waits until a channel has something, a thread wakes us, or the time is over; 0 is for ever. */
  private void await(int millis) throws IOException {
    if (closing) {
      return;
    }
    sockets.selector.select(millis);
    sockets.selector.selectedKeys().clear();
  }

  private void drain() throws IOException {
    long end = System.nanoTime() + DRAIN_NANOS;
    while (System.nanoTime() < end) {
      boolean any = reply();
      any |= publishWaiting();
      if (any) {
        continue;
      }
      if (outbox.oldest() == null) {
        return;
      }
      sockets.selector.select(BLOCKED_MILLIS);
      sockets.selector.selectedKeys().clear();
    }
  }

  /** Gives each channel its turn; false if none had anything to do. */
  private boolean exchange() {
    boolean any = receive(Channel.CONTROL);
    any |= reply();
    any |= receive(Channel.SHELL);
    any |= receive(Channel.STDIN);
    any |= welcome();
    any |= publishWaiting();
    return any;
  }

  private boolean receive(Channel channel) {
    for (int i = 0; i < BATCH; i++) {
      List<byte[]> frames = frames(socket(channel));
      if (frames == null) {
        return i > 0;
      }
      deliver(channel, frames);
    }
    return true;
  }

  private static @Nullable List<byte[]> frames(ZMQ.Socket socket) {
    byte[] frame = socket.recv(ZMQ.DONTWAIT);
    if (frame == null) {
      return null;
    }
    List<byte[]> frames = new ArrayList<>();
    frames.add(frame);
    while (socket.hasReceiveMore()) {
      frame = socket.recv(ZMQ.DONTWAIT);
      if (frame == null) {
        break;
      }
      if (frames.size() <= Codec.MOST_FRAMES) {
        frames.add(frame);
      }
    }
    return frames;
  }

  private void deliver(Channel channel, List<byte[]> frames) {
    Message message;
    try {
      message = codec.decode(frames);
    } catch (Codec.Rejected e) {
      dropped.incrementAndGet();
      complaints.say("A message was dropped: it " + e.getMessage() + ".");
      return;
    }
    try {
      receiver.received(channel, message);
    } catch (Throwable thrown) {
      complaints.say("A " + message.type() + " was not handled", thrown);
    }
    // If it was interrupted, that is not for ZeroMQ, which would give up what it does.
    Thread.interrupted();
  }

  private boolean reply() {
    for (int i = 0; i < BATCH; i++) {
      Reply reply = replies.poll();
      if (reply == null) {
        return i > 0;
      }
      send(reply.socket(), reply.frames());
    }
    return true;
  }

  /** Sends all frames or, if the socket can not now, none. */
  private static boolean send(ZMQ.Socket socket, List<byte[]> frames) {
    int last = frames.size() - 1;
    for (int i = 0; i <= last; i++) {
      boolean sent =
          socket.send(frames.get(i), i < last ? ZMQ.DONTWAIT | ZMQ.SNDMORE : ZMQ.DONTWAIT);
      if (!sent && i == 0) {
        return false;
      }
    }
    return true;
  }

  /** Answers new subscriptions, so that a client knows that it misses nothing from now on. */
  private boolean welcome() {
    boolean any = false;
    for (byte[] frame = sockets.iopub.recv(ZMQ.DONTWAIT);
        frame != null;
        frame = sockets.iopub.recv(ZMQ.DONTWAIT)) {
      any = true;
      if (frame.length > 0 && frame[0] == 1 && frame.length <= LONGEST_TOPIC) {
        byte[] topic = Arrays.copyOfRange(frame, 1, frame.length);
        JsonObject content = new JsonObject();
        content.addProperty("subscription", new String(topic, StandardCharsets.UTF_8));
        outbox.putNow(
            codec.encode(
                List.of(topic),
                "iopub_welcome",
                new JsonObject(),
                new JsonObject(),
                content,
                List.of()));
      }
    }
    return any;
  }

  private boolean publishWaiting() {
    for (int i = 0; i < BATCH; i++) {
      List<byte[]> message = outbox.oldest();
      if (message == null || !send(sockets.iopub, message)) {
        return i > 0;
      }
      outbox.sent();
    }
    return true;
  }

  /** The heartbeat's thread: sends back what comes. */
  private void echo() {
    try (ZMQ.Socket socket = sockets.heartbeat) {
      while (true) {
        try {
          byte[] frame = socket.recv(0);
          if (frame != null) {
            socket.send(frame, socket.hasReceiveMore() ? ZMQ.SNDMORE : 0);
          }
        } catch (ZMQException e) {
          if (closing || e.getErrorCode() == ZError.ETERM) {
            return;
          }
          Thread.interrupted();
        }
      }
    } catch (Throwable thrown) {
      complaints.say("The heartbeat ended", thrown);
    }
  }
}
