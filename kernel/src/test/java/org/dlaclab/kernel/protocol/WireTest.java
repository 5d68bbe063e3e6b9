package org.dlaclab.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeromq.ZMQ;

/** The wire as clients see it. */
@Timeout(120)
class WireTest {
  private record Request(Channel channel, Message message) {}

  private final Connection connection = Client.free(Client.KEY);
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private Wire wire(Wire.Receiver receiver, Limits limits) {
    Wire wire = new Wire(connection, receiver, limits);
    open.add(wire);
    wire.start();
    return wire;
  }

  private Wire wire() {
    return wire((channel, message) -> requests.add(new Request(channel, message)), Limits.DEFAULT);
  }

  private Client client() {
    Client client = new Client(connection);
    open.add(client);
    return client;
  }

  private Message request() throws InterruptedException {
    Request request = requests.poll(10, TimeUnit.SECONDS);
    assertThat(request).as("a request").isNotNull();
    return request.message();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private static JsonObject stdout(String text) {
    JsonObject content = new JsonObject();
    content.addProperty("name", "stdout");
    content.addProperty("text", text);
    return content;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.sleep(5);
    }
  }

  // Requests and replies

  @ParameterizedTest
  @MethodSource("channels")
  void aRequestComesWholeAndItsReplyGoesBack(Channel channel) throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket socket = client.connect(channel);
    JsonObject header = client.header("some_request");
    header.addProperty("subshell_id", "sub-1");
    header.addProperty("unknown", 1.50);
    client.send(
        socket, header.toString(), "{}", "{\"cellId\":\"c\"}", "{\"ü\":\"\\ud83d\\ude00\"}");

    Request got = requests.poll(10, TimeUnit.SECONDS);
    assertThat(got.channel()).isEqualTo(channel);
    assertThat(got.message().type()).isEqualTo("some_request");
    assertThat(got.message().id()).isEqualTo(header.get("msg_id").getAsString());
    assertThat(got.message().session()).isEqualTo(header.get("session").getAsString());
    assertThat(got.message().subshellId()).isEqualTo("sub-1");
    assertThat(got.message().metadata().get("cellId").getAsString()).isEqualTo("c");
    assertThat(got.message().content().get("ü").getAsString()).isEqualTo("😀");

    JsonObject content = new JsonObject();
    content.addProperty("text", "<b>größer 😀");
    JsonObject metadata = new JsonObject();
    metadata.addProperty("m", 1);
    wire.send(channel, got.message(), "some_reply", content, metadata, List.of(new byte[] {7, 0}));

    Client.Received reply = client.receive(socket);
    assertThat(reply.type()).isEqualTo("some_reply");
    assertThat(reply.parent()).isEqualTo(header);
    assertThat(reply.content()).isEqualTo(content);
    assertThat(reply.metadata()).isEqualTo(metadata);
    assertThat(reply.buffers()).containsExactly(new byte[] {7, 0});
    assertThat(new String(reply.parts().get(4), StandardCharsets.UTF_8)).contains("<b>größer 😀");
  }

  static Stream<Channel> channels() {
    return Stream.of(Channel.values());
  }

  @Test
  void aHeaderSaysWhoSentItWhenAndInWhichVersion() throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket shell = client.connect(Channel.SHELL);
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      client.request(shell, "kernel_info_request");
      wire.send(Channel.SHELL, request(), "kernel_info_reply", new JsonObject());
      JsonObject header = client.receive(shell).header();
      assertThat(ids.add(header.get("msg_id").getAsString())).as("a new id").isTrue();
      assertThat(header.get("session").getAsString()).isEqualTo(wire.session());
      assertThat(header.get("version").getAsString()).isEqualTo("5.4");
      assertThat(header.get("username").getAsString()).isNotEmpty();
      assertThat(header.get("date").getAsString())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
    }
  }

  @Test
  void controlDoesNotWaitForAFloodOnShell() throws Exception {
    AtomicInteger served = new AtomicInteger();
    CompletableFuture<Integer> before = new CompletableFuture<>();
    CountDownLatch connected = new CountDownLatch(1);
    wire(
        (channel, message) -> {
          if (message.type().equals("hello")) {
            connected.countDown();
          } else if (channel == Channel.CONTROL) {
            before.complete(served.get());
          } else {
            served.incrementAndGet();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
          }
        },
        Limits.DEFAULT);
    Client client = client();
    ZMQ.Socket interrupt = client.connect(Channel.CONTROL);
    client.request(interrupt, "hello");
    assertThat(connected.await(10, TimeUnit.SECONDS)).isTrue();
    ZMQ.Socket shell = client.connect(Channel.SHELL);
    for (int i = 0; i < 900; i++) {
      client.request(shell, "execute_request");
    }
    client.request(interrupt, "interrupt_request");
    assertThat(before.get(20, TimeUnit.SECONDS)).isLessThan(900);
  }

  @Test
  void aClientThatComesBackUnderItsNameGetsTheReplies() throws Exception {
    Wire wire = wire();
    Client first = client();
    first.request(first.connect(Channel.SHELL, "notebook"), "one");
    request();
    Client second = client();
    ZMQ.Socket socket = second.connect(Channel.SHELL, "notebook");
    second.request(socket, "two");
    wire.send(Channel.SHELL, request(), "two_reply", new JsonObject());
    assertThat(second.receive(socket).type()).isEqualTo("two_reply");
  }

  @Test
  void aReplyToAClientThatIsGoneGoesNowhere() throws Exception {
    Wire wire = wire();
    Client gone = client();
    gone.request(gone.connect(Channel.SHELL), "one");
    Message request = request();
    gone.close();
    open.remove(gone);
    for (int i = 0; i < 100; i++) {
      wire.send(Channel.SHELL, request, "one_reply", new JsonObject());
    }
    assertServed(wire);
  }

  @Test
  void aClientThatAsksMuchBeforeItReadsGetsEveryReply() throws Exception {
    AtomicReference<Wire> wire = new AtomicReference<>();
    CountDownLatch all = new CountDownLatch(5000);
    wire.set(
        wire(
            (channel, message) -> {
              wire.get().send(channel, message, "reply", new JsonObject());
              all.countDown();
            },
            Limits.DEFAULT));
    Client client = client();
    ZMQ.Socket socket = client.connect(Channel.SHELL);
    List<JsonObject> headers = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      headers.add(client.request(socket, "request"));
    }
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    for (JsonObject header : headers) {
      assertThat(client.receive(socket).parent()).isEqualTo(header);
    }
  }

  private void assertServed(Wire wire) throws InterruptedException {
    Client client = client();
    ZMQ.Socket socket = client.connect(Channel.SHELL);
    JsonObject header = client.request(socket, "still_there");
    Message request = request();
    assertThat(request.header()).isEqualTo(header);
    wire.send(Channel.SHELL, request, "still_there_reply", new JsonObject());
    assertThat(client.receive(socket).parent()).isEqualTo(header);
  }

  // What is dropped

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> signed(String key, String... parts) {
    List<byte[]> frames = new ArrayList<>(Stream.of(parts).map(WireTest::bytes).toList());
    byte[] signature = Client.sign(key, List.copyOf(frames));
    frames.add(0, signature);
    frames.add(0, bytes("<IDS|MSG>"));
    return frames;
  }

  static Stream<Arguments> bad() {
    String header = "{\"msg_id\":\"1\",\"msg_type\":\"t\"}";
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    List<byte[]> unsigned = signed(Client.KEY, header, "{}", "{}", "{}");
    unsigned.set(1, new byte[0]);
    List<byte[]> changed = signed(Client.KEY, header, "{}", "{}", "{}");
    changed.set(5, bytes("{\"code\":\"other\"}"));
    List<byte[]> far = signed(Client.KEY, header, "{}", "{}", "{}");
    for (int i = 0; i < 100; i++) {
      far.add(0, bytes("hop" + i));
    }
    List<byte[]> many = signed(Client.KEY, header, "{}", "{}", "{}");
    for (int i = 0; i < 20_000; i++) {
      many.add(new byte[0]);
    }
    return Stream.of(
        Arguments.of("signed with another key", signed("other", header, "{}", "{}", "{}")),
        Arguments.of("not signed", unsigned),
        Arguments.of("changed on the way", changed),
        Arguments.of("an empty frame", List.of(new byte[0])),
        Arguments.of("no delimiter", List.of(bytes("a"), bytes("b"), bytes("c"))),
        Arguments.of("only a delimiter", List.of(bytes("<IDS|MSG>"))),
        Arguments.of("too few parts", signed(Client.KEY, header, "{}", "{}")),
        Arguments.of("too many identities", far),
        Arguments.of("too many parts", many),
        Arguments.of("invalid JSON", signed(Client.KEY, header, "{}", "{}", "{\"a\":")),
        Arguments.of("no JSON", signed(Client.KEY, header, "{}", "{}", "")),
        Arguments.of("two objects", signed(Client.KEY, header, "{}", "{}", "{}{}")),
        Arguments.of("a list", signed(Client.KEY, header, "{}", "{}", "[]")),
        Arguments.of("null", signed(Client.KEY, header, "{}", "null", "{}")),
        Arguments.of("deep JSON", signed(Client.KEY, header, "{}", "{}", deep)),
        Arguments.of("no id", signed(Client.KEY, "{\"msg_type\":\"t\"}", "{}", "{}", "{}")),
        Arguments.of("no type", signed(Client.KEY, "{\"msg_id\":\"1\"}", "{}", "{}", "{}")),
        Arguments.of(
            "a type that is no text",
            signed(Client.KEY, "{\"msg_id\":\"1\",\"msg_type\":{}}", "{}", "{}", "{}")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void whatIsNoMessageOfOursIsDroppedAndTheNextIsServed(String what, List<byte[]> frames)
      throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket socket = client.connect(Channel.SHELL);
    Client.raw(socket, frames);
    JsonObject header = client.request(socket, "next");
    assertThat(request().header()).isEqualTo(header);
    assertThat(wire.dropped()).isEqualTo(1);
  }

  @Test
  void withoutAKeySignaturesDoNotMatter() throws Exception {
    Connection unsigned = Client.free("");
    try (Wire wire =
            new Wire(unsigned, (channel, message) -> requests.add(new Request(channel, message)));
        Client client = new Client(unsigned)) {
      wire.start();
      ZMQ.Socket socket = client.connect(Channel.SHELL);
      List<byte[]> frames = signed("any", client.header("hello").toString(), "{}", "{}", "{}");
      Client.raw(socket, frames);
      wire.send(Channel.SHELL, request(), "hello_reply", new JsonObject());
      assertThat(client.receive(socket).parts().get(0)).isEmpty();
    }
  }

  @Test
  void aClientThatSendsAPartTooLargeIsCutOffAndOthersAreServed() throws Exception {
    Limits d = Limits.DEFAULT;
    Wire wire =
        wire(
            (channel, message) -> requests.add(new Request(channel, message)),
            new Limits(
                10_000,
                d.queuedMessages(),
                d.queuedBytes(),
                d.clientMessages(),
                d.pingMillis(),
                d.silenceMillis()));
    Client client = client();
    ZMQ.Socket large = client.connect(Channel.SHELL);
    client.send(
        large,
        client.header("large").toString(),
        "{}",
        "{}",
        stdout("x".repeat(20_000)).toString());
    assertServed(wire);
    ZMQ.Socket fits = client.connect(Channel.SHELL);
    client.send(
        fits, client.header("fits").toString(), "{}", "{}", stdout("x".repeat(9_000)).toString());
    assertThat(request().type()).isEqualTo("fits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // A ready command, then a frame whose size is negative, or so once cut to 32 bits.
        "041A0552454144590B536F636B65742D547970650000000644454153455202FFFFFFFFFFFFFFFF",
        "04260552454144590B536F636B65742D547970650000000644454"
            + "14C4552084964656E74697479000000000002FFFFFFFFFFFFFFFF",
        "04260552454144590B536F636B65742D547970650000000644454"
            + "14C4552084964656E746974790000000000028000000010000000",
        "04260552454144590B536F636B65742D547970650000000644454"
            + "14C4552084964656E746974790000000000027FFFFFFFFFFFFFFF",
        "04FF",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
      })
  void bytesThatAreNoZeroMqHurtNobody(String hex) throws Exception {
    Wire wire = wire();
    for (int port : List.of(connection.shellPort(), connection.iopubPort())) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        OutputStream out = socket.getOutputStream();
        // The greeting of ZMTP 3.0 with the mechanism NULL.
        out.write(HexFormat.of().parseHex("FF00000000000000017F03004E554C4C" + "00".repeat(48)));
        out.write(HexFormat.of().parseHex(hex));
        out.flush();
        socket.setSoTimeout(300);
        drain(socket);
      }
    }
    assertServed(wire);
    long before = busyNanos();
    Thread.sleep(200);
    assertThat(busyNanos() - before)
        .as("nanoseconds that ZeroMQ's thread was busy in 200 ms")
        .isLessThan(100_000_000);
  }

  private static void drain(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        // Until it is cut off, or says nothing more.
      }
    } catch (IOException e) {
      // Silent, or cut off with a reset.
    }
  }

  private static long busyNanos() {
    var threads = java.lang.management.ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (var info : threads.dumpAllThreads(false, false)) {
      if (info.getThreadName().startsWith("jupyter-")) {
        nanos += threads.getThreadCpuTime(info.getThreadId());
      }
    }
    return nanos;
  }

  @Test
  void whatTheReceiverThrowsEndsNothing() throws Exception {
    AtomicInteger count = new AtomicInteger();
    Wire wire =
        wire(
            (channel, message) -> {
              switch (count.getAndIncrement()) {
                case 0 -> throw new IllegalStateException("on purpose");
                case 1 -> throw new StackOverflowError("on purpose");
                case 2 -> Thread.currentThread().interrupt();
                default -> requests.add(new Request(channel, message));
              }
            },
            Limits.DEFAULT);
    Client client = client();
    ZMQ.Socket socket = client.connect(Channel.CONTROL);
    for (int i = 0; i < 3; i++) {
      client.request(socket, "bad");
    }
    client.request(socket, "good");
    assertThat(request().type()).isEqualTo("good");
    assertServed(wire);
  }

  // iopub

  @Test
  void aSubscriberIsWelcomedWithItsSubscription() {
    wire();
    Client client = client();
    for (String topic : List.of("", "stream.stdout", "ü")) {
      ZMQ.Socket socket = client.unwelcomed(topic, 1000);
      Client.Received welcome = client.receive(socket);
      assertThat(welcome.type()).isEqualTo("iopub_welcome");
      assertThat(welcome.topic()).isEqualTo(topic);
      assertThat(welcome.content().get("subscription").getAsString()).isEqualTo(topic);
      assertThat(welcome.parent().size()).isZero();
      assertThat(welcome.metadata().size()).isZero();
      socket.close();
    }
  }

  @Test
  void eachOfSeveralSubscribersIsWelcomed() {
    wire();
    Client first = client();
    first.subscribe();
    Client second = client();
    second.subscribe();
  }

  @Test
  void aMessagePublishedHasItsTypeAsTopicAndItsParent() throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket iopub = client.subscribe();
    JsonObject parent = client.header("execute_request");
    wire.publish(parent, "stream", stdout("hello"));
    wire.publish(
        parent, "display_data", new JsonObject(), new JsonObject(), List.of(new byte[] {1, 2}));
    wire.publishNow(new JsonObject(), "status", new JsonObject());

    Client.Received stream = client.receive(iopub);
    assertThat(stream.topic()).isEqualTo("stream.stdout");
    assertThat(stream.parent()).isEqualTo(parent);
    Client.Received display = client.receive(iopub);
    assertThat(display.topic()).isEqualTo("kernel." + wire.session() + ".display_data");
    assertThat(display.buffers()).containsExactly(new byte[] {1, 2});
    Client.Received status = client.receive(iopub);
    assertThat(status.topic()).isEqualTo("kernel." + wire.session() + ".status");
    assertThat(status.parent().size()).isZero();
  }

  @Test
  void withoutSubscribersNothingWaits() throws Exception {
    Wire wire = wire();
    for (int i = 0; i < 50_000; i++) {
      wire.publish(new JsonObject(), "stream", stdout("nobody hears it"));
    }
    assertServed(wire);
  }

  /** A thread that publishes numbered lines, and what it has come to. */
  private static final class Producer extends Thread {
    final AtomicInteger published = new AtomicInteger();
    private final Wire wire;
    private final int count;
    private final String line;

    Producer(Wire wire, int count, String line) {
      this.wire = wire;
      this.count = count;
      this.line = line;
      setDaemon(true);
      start();
    }

    @Override
    public void run() {
      try {
        for (int i = 0; i < count; i++) {
          wire.publish(new JsonObject(), "stream", stdout(i + line));
          published.set(i + 1);
        }
      } catch (InterruptedException e) {
        // It stays where it is.
      }
    }

    /** Waits until it waits for room. */
    void awaitBlocked() throws InterruptedException {
      await("the producer waits", () -> getState() == State.WAITING && stays());
    }

    private boolean stays() {
      int before = published.get();
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return published.get() == before;
    }
  }

  @Test
  void aSlowSubscriberLosesNoneOfAMillionMessagesAndMemoryStaysBounded() throws Exception {
    int count = 1_000_000;
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket iopub = client.unwelcomed("", 10);
    client.receive(iopub);
    long before = used();
    Producer producer = new Producer(wire, count, "\n");
    producer.awaitBlocked();
    assertThat(used() - before).as("bytes held").isLessThan(64L << 20);
    for (int i = 0; i < count; i++) {
      byte[] last = null;
      do {
        last = iopub.recv();
        assertThat(last != null).as("message %s", i).isTrue();
      } while (iopub.hasReceiveMore());
      String content = new String(last, StandardCharsets.UTF_8);
      if (!content.contains("\"" + i + "\\n\"")) {
        assertThat(content).as("content of message %s", i).contains("\"" + i + "\\n\"");
      }
    }
  }

  private static long used() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void linesOfSeveralThreadsComeInEachThreadsOrder() throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket iopub = client.unwelcomed("", 10);
    client.receive(iopub);
    for (int t = 0; t < 4; t++) {
      new Producer(wire, 10_000, " " + t);
    }
    int[] next = new int[4];
    for (int i = 0; i < 40_000; i++) {
      String[] text = client.receive(iopub).content().get("text").getAsString().split(" ", -1);
      assertThat(Integer.parseInt(text[0])).isEqualTo(next[Integer.parseInt(text[1])]++);
    }
  }

  @Test
  void whileASubscriberIsSlowAllElseIsServed() throws Exception {
    Wire wire = wire();
    Client client = client();
    ZMQ.Socket iopub = client.unwelcomed("", 10);
    client.receive(iopub);
    Producer producer = new Producer(wire, Integer.MAX_VALUE, "x".repeat(10_000));
    producer.awaitBlocked();

    ZMQ.Socket control = client.connect(Channel.CONTROL);
    client.request(control, "interrupt_request");
    Message interrupt = request();
    wire.publishNow(interrupt.header(), "status", new JsonObject());
    wire.send(Channel.CONTROL, interrupt, "interrupt_reply", new JsonObject());
    assertThat(client.receive(control).type()).isEqualTo("interrupt_reply");
    assertServed(wire);
    assertEcho(client);

    producer.interrupt();
    producer.join(10_000);
    assertThat(producer.isAlive()).isFalse();
    wire.publishNow(new JsonObject(), "end", new JsonObject());
    for (int i = 0; i < producer.published.get(); i++) {
      Client.Received received = client.receive(iopub);
      assertThat(received.content().get("text").getAsString()).startsWith(i + "x");
    }
    assertThat(client.receive(iopub).type()).isEqualTo("status");
    assertThat(client.receive(iopub).type()).isEqualTo("end");
  }

  @Test
  void aSubscriberThatGoesLetsTheProducerGoOn() throws Exception {
    Wire wire = wire();
    Client gone = client();
    gone.receive(gone.unwelcomed("", 10));
    Producer producer = new Producer(wire, Integer.MAX_VALUE, "x".repeat(10_000));
    producer.awaitBlocked();
    int before = producer.published.get();
    gone.close();
    open.remove(gone);
    await("the producer goes on", () -> producer.published.get() > before + 10_000);
    producer.interrupt();
    client().subscribe();
  }

  @Test
  void aSubscriberThatIsStuckIsCutOff() throws Exception {
    Limits d = Limits.DEFAULT;
    Wire wire =
        wire(
            (channel, message) -> {},
            new Limits(
                d.frameBytes(),
                d.queuedMessages(),
                d.queuedBytes(),
                d.clientMessages(),
                100,
                1000));
    Client client = client();
    ZMQ.Socket iopub = client.unwelcomed("", 10);
    client.receive(iopub);
    Producer producer = new Producer(wire, Integer.MAX_VALUE, "x".repeat(10_000));
    producer.awaitBlocked();
    int before = producer.published.get();
    await("the producer goes on", () -> producer.published.get() > before + 10_000);
    producer.interrupt();
  }

  @Test
  void aSubscriberThatOnlyListensStays() throws Exception {
    Limits d = Limits.DEFAULT;
    Wire wire =
        wire(
            (channel, message) -> {},
            new Limits(
                d.frameBytes(), d.queuedMessages(), d.queuedBytes(), d.clientMessages(), 20, 200));
    Client client = client();
    ZMQ.Socket iopub = client.subscribe();
    Thread.sleep(600); // Three times as long as a stuck one may be silent.
    wire.publish(new JsonObject(), "stream", stdout("still there?"));
    assertThat(client.receive(iopub).type()).isEqualTo("stream");
  }

  // Heartbeat

  private static void assertEcho(Client client) {
    ZMQ.Socket heartbeat = client.heartbeat();
    for (String beat : List.of("ping", "", "x".repeat(10_000))) {
      heartbeat.send(beat);
      assertThat(heartbeat.recvStr()).isEqualTo(beat);
    }
  }

  @Test
  void heartbeatsComeBackEvenWhileARequestIsTaken() throws Exception {
    CountDownLatch in = new CountDownLatch(1);
    CountDownLatch out = new CountDownLatch(1);
    wire(
        (channel, message) -> {
          in.countDown();
          try {
            out.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        Limits.DEFAULT);
    open.add(out::countDown);
    Client client = client();
    client.request(client.connect(Channel.SHELL), "slow");
    assertThat(in.await(10, TimeUnit.SECONDS)).isTrue();
    assertEcho(client);
  }

  // Binding and closing

  @Test
  void aPortInUseIsNamedAndTheOthersAreFreedAgain() throws Exception {
    try (ServerSocket taken =
        new ServerSocket(connection.iopubPort(), 1, InetAddress.getLoopbackAddress())) {
      assertThat(taken.isBound()).isTrue();
      assertThatThrownBy(() -> new Wire(connection, (channel, message) -> {}))
          .isInstanceOf(ConnectionException.class)
          .hasMessageContaining("iopub_port is " + connection.iopubPort());
    }
    wire();
  }

  @Test
  void anAddressOfAnotherMachineIsRefused() {
    Connection c = connection;
    Connection elsewhere =
        new Connection(
            "tcp",
            "192.0.2.1",
            c.shellPort(),
            c.controlPort(),
            c.stdinPort(),
            c.iopubPort(),
            c.heartbeatPort(),
            "hmac-sha256",
            Client.KEY);
    assertThatThrownBy(() -> new Wire(elsewhere, (channel, message) -> {}))
        .isInstanceOf(ConnectionException.class)
        .hasMessageContaining("192.0.2.1");
  }

  @Test
  void itIsReachedAtItsAddressOnly() {
    wire();
    for (int port :
        List.of(
            connection.shellPort(),
            connection.controlPort(),
            connection.stdinPort(),
            connection.iopubPort(),
            connection.heartbeatPort())) {
      assertThatThrownBy(
              () -> new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), port).close())
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void closingSendsWhatWaitsAndFreesThePorts() throws Exception {
    for (int round = 0; round < 5; round++) {
      Wire wire = wire();
      Client client = client();
      ZMQ.Socket iopub = client.subscribe();
      ZMQ.Socket control = client.connect(Channel.CONTROL);
      client.request(control, "shutdown_request");
      Message request = request();
      for (int i = 0; i < 500; i++) {
        wire.publish(request.header(), "stream", stdout("line " + i));
      }
      wire.send(Channel.CONTROL, request, "shutdown_reply", new JsonObject());
      wire.close();
      assertThat(client.receive(control).type()).isEqualTo("shutdown_reply");
      for (int i = 0; i < 500; i++) {
        assertThat(client.receive(iopub).content()).isEqualTo(stdout("line " + i));
      }
      client.close();
      open.remove(client);
    }
  }

  @Test
  void closingEndsItsThreads() throws Exception {
    Wire wire = wire();
    assertServed(wire);
    assertEcho(client());
    assertThat(threads()).isNotEmpty();
    wire.close();
    await("no thread is left", () -> threads().isEmpty());
    wire.close();
    wire.publish(new JsonObject(), "stream", stdout("late"));
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(Thread::getName)
        .filter(name -> name.startsWith("jupyter-"))
        .toList();
  }

  @Test
  void closingDoesNotWaitForASlowSubscriber() throws Exception {
    Wire wire = wire();
    Client client = client();
    client.receive(client.unwelcomed("", 10));
    Producer producer = new Producer(wire, Integer.MAX_VALUE, "x".repeat(10_000));
    producer.awaitBlocked();
    FutureTask<Void> closing = new FutureTask<>(wire::close, null);
    new Thread(closing).start();
    closing.get(10, TimeUnit.SECONDS);
    await("no thread is left", () -> threads().isEmpty());
    producer.interrupt();
  }

  @Test
  void itCanBeClosedUnstartedAndByItsReceiver() throws Exception {
    new Wire(connection, (channel, message) -> {}).close();
    AtomicReference<Wire> wire = new AtomicReference<>();
    CountDownLatch closed = new CountDownLatch(1);
    wire.set(
        wire(
            (channel, message) -> {
              wire.get().close();
              closed.countDown();
            },
            Limits.DEFAULT));
    Client client = client();
    client.request(client.connect(Channel.SHELL), "end");
    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    await("no thread is left", () -> threads().isEmpty());
  }
}
