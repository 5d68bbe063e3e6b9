package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import org.dlaclab.error.DlacException;
import org.dlaclab.grid.Grid;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Operands;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  private static final Policy TWN = policy("twn", weights(ternary()));

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("points.jsonl");
  }

  private static Network net() {
    return network("net", ifm(4, 6, 6), conv("a", filters(10), kernel(3)), relu());
  }

  private static Setting base(Grid grid) {
    return new Setting(net(), TWN, grid, seed(1), inference());
  }

  private static Exploration sweep(Path file, Setting base) {
    return Sweep.of(
            "s",
            base,
            over(pes(1, 1), pes(1, 2), pes(2, 2)),
            over(window(1), window(4)),
            new Sweep.StoreIn(file))
        .run();
  }

  private Exploration sweep() {
    return sweep(file(), base(grid("g", pes(1, 1))));
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file());
  }

  /** Tensors that count how often they are asked for. */
  private record Counted(AtomicInteger asked, String name) implements Source {
    @Override
    public Operands bind(Network network, Policy policy) {
      asked.incrementAndGet();
      return seed(1).bind(network, policy);
    }

    @Override
    public Optional<String> identity() {
      return Optional.of(name);
    }
  }

  @Test
  void whatIsStoredIsNotComputedAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    Setting counted =
        new Setting(net(), TWN, grid("g", pes(1, 1)), new Counted(asked, "first"), inference());
    Exploration first = sweep(file(), counted);
    int once = asked.getAndSet(0);

    Exploration again = sweep(file(), counted);

    assertThat(once).isPositive();
    assertThat(asked).hasValue(0);
    assertThat(again).hasToString(first.toString()).isEqualTo(first);
    assertThat(lines()).hasSize(6);
  }

  @Test
  void namesChangeNothingAndInputsMakeNewPoints() throws IOException {
    sweep();
    Setting renamed =
        new Setting(
            new Network("another name", net().ifm(), net().nodes()),
            policy("another name", weights(ternary())),
            grid("another name", pes(1, 1)),
            seed(1),
            inference());
    sweep(file(), renamed);
    assertThat(lines()).as("equal inputs").hasSize(6);

    sweep(file(), base(grid("g", pes(1, 1), drainWidth(2))));
    assertThat(lines()).as("another grid").hasSize(12);
    sweep(
        file(),
        new Setting(net(), TWN, grid("g", pes(1, 1)), synthetic(1, samples(2)), inference()));
    assertThat(lines()).as("other tensors").hasSize(18);
    sweep(
        file(),
        new Setting(
            net(),
            policy("twn", weights(ternary(PER_FILTER))),
            grid("g", pes(1, 1)),
            seed(1),
            inference()));
    assertThat(lines()).as("another policy").hasSize(24);
    sweep(file(), new Setting(net(), TWN, grid("g", pes(1, 1)), seed(1), WGRAD));
    assertThat(lines()).as("other passes").hasSize(30);
  }

  @Test
  void aPointThatFailsIsNotKeptAndTriedAgain() throws IOException {
    Exploration sweep =
        Sweep.of(
                "s",
                base(grid("g", pes(1, 1), ofmEntries(80))),
                over(tile(4, 16), tile(9, 16)),
                new Sweep.StoreIn(file()))
            .run();

    assertThat(sweep.failed()).hasSize(1);
    assertThat(lines()).hasSize(1);
  }

  @Test
  void aFileThatEndsWithinALineLosesThatPointAlone() throws IOException {
    Exploration whole = sweep();
    byte[] bytes = Files.readAllBytes(file());
    int last = new String(bytes, StandardCharsets.UTF_8).stripTrailing().lastIndexOf('\n') + 1;
    for (int cut = last; cut < bytes.length; cut += 37) {
      Files.write(file(), Arrays.copyOf(bytes, cut));

      assertThat(sweep()).isEqualTo(whole);
      assertThat(lines()).hasSize(6).hasSameElementsAs(Files.readAllLines(file()));
      assertThat(Files.size(file())).isEqualTo(bytes.length);
    }
  }

  @Test
  void aDamagedLastLineIsComputedAgain() throws IOException {
    Exploration whole = sweep();
    List<String> lines = new ArrayList<>(lines());
    String last = lines.get(5);
    for (String damaged : List.of(last.replace("\"CYCLES\":", "\"CYCLES\":1"), "\0".repeat(400))) {
      lines.set(5, damaged);
      Files.write(file(), lines);

      assertThat(sweep()).isEqualTo(whole);
      assertThat(lines()).hasSize(6).contains(last);
    }
  }

  @Test
  void aDamagedLineInTheMiddleIsRefusedWithItsNumber() throws IOException {
    sweep();
    List<String> lines = new ArrayList<>(lines());
    lines.set(2, lines.get(2).replace("\"CYCLES\":", "\"CYCLES\":1"));
    Files.write(file(), lines);

    assertThatThrownBy(this::sweep)
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("line 3 of the store")
        .hasMessageContaining("damaged");
  }

  @Test
  void aFileThatIsNoStoreIsRefusedAndStaysAsItIs() throws IOException {
    for (String precious :
        List.of(
            "{\"layers\":[1,2]}",
            "{\"layers\":[1,2]}\n",
            "{\"key\":\"of my door\"}",
            "a,b\n1,2\n")) {
      Files.writeString(file(), precious);

      assertThatThrownBy(this::sweep)
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("points.jsonl\" is no store of a sweep: it begins with");
      assertThat(file()).hasContent(precious);
    }
  }

  @Test
  void aFileThatBecomesShorterIsRefused() throws IOException {
    sweep();
    try (Store store = Store.open(file())) {
      Files.write(file(), lines().subList(0, 3));

      assertThatThrownBy(store::refresh)
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("shorter");
    }
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws IOException {
    try (RandomAccessFile sparse = new RandomAccessFile(file().toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }

    assertThatThrownBy(() -> Store.open(file()))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("3,221,225,472 bytes");
  }

  @Test
  void aStoreThatCannotBeReadLeavesNoFileOpen() throws IOException {
    var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    Files.writeString(file(), "no store\n");
    long before = system.getOpenFileDescriptorCount();
    for (int i = 0; i < 200; i++) {
      assertThatThrownBy(() -> Store.open(file())).isInstanceOf(DlacException.class);
    }

    assertThat(system.getOpenFileDescriptorCount()).isLessThan(before + 100);
  }

  @Test
  void figuresOfAnotherVersionAreComputedAgain() throws IOException {
    Exploration whole = sweep();
    List<String> old = new ArrayList<>();
    for (String line : lines()) {
      // Lines of a version that did not know energy.
      String open =
          line.substring(0, line.lastIndexOf(",\"crc32\"")).replaceAll("\"ENERGY\":[^,}]*,", "");
      CRC32 crc = new CRC32();
      crc.update(open.getBytes(StandardCharsets.UTF_8));
      old.add(open + String.format(",\"crc32\":\"%08x\"}", crc.getValue()));
    }
    Files.write(file(), old);

    assertThat(sweep()).isEqualTo(whole);
    assertThat(lines()).hasSize(12).containsAll(old);
  }

  @Test
  void linesSayWhatTheyAreOf() throws IOException {
    sweep();

    assertThat(lines())
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"versions\":{\"model\":", "\"inputs\":{\"network\":\"net ")
                    .contains("\"values\":{\"pes\":", "\"sweep\":\"s\"")
                    .matches(".*,\"crc32\":\"[0-9a-f]{8}\"}"));
  }

  @Test
  void tensorsThatDoNotSayWhatTheyAreCannotBeStored() {
    Source unknown = (network, policy) -> seed(1).bind(network, policy);

    assertThatThrownBy(
            () ->
                sweep(file(), new Setting(net(), TWN, grid("g", pes(1, 1)), unknown, inference())))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("do not say what they are");
  }

  @Test
  void figuresOfFilesThatChangeWhileASweepRunsAreNotKept() throws IOException {
    String masks = folder.resolve("masks.zip").toString();
    saveMasks(masks, net(), TWN, seed(1));
    Cluster rewriting =
        work -> {
          for (Work.Batch batch = work.next(); batch != null; batch = work.next()) {
            saveMasks(masks, net(), TWN, seed(2));
            work.done(batch, batch.simulate());
          }
        };
    for (Source tensors : List.of(savedMasks(masks), shuffled(savedMasks(masks), LAYER, 1))) {
      saveMasks(masks, net(), TWN, seed(1));

      Exploration sweep =
          Sweep.of(
                  "s",
                  new Setting(net(), TWN, grid("g", pes(1, 1)), tensors, inference()),
                  over(window(1), window(4)),
                  new Sweep.StoreIn(file()),
                  on(rewriting))
              .run();

      assertThat(sweep.failed())
          .hasSize(2)
          .allSatisfy(p -> assertThat(p.failure()).contains("has changed since the sweep began"));
      assertThat(lines()).isEmpty();
    }
  }

  @Test
  void aPointThatOneStoreClaimsIsLeftToIt() {
    String key = "0123456789abcdef0123456789abcdef";
    try (Store a = Store.open(file());
        Store b = Store.open(file())) {
      Store.Claim claim = a.claim(key).orElseThrow();
      assertThat(b.claim(key)).isEmpty();
      claim.free();
      assertThat(b.claim(key)).isPresent();
    }
  }

  @Test
  void whatAStoreClaimsIsFreeWhenItCloses() {
    String key = "0123456789abcdef0123456789abcdef";
    try (Store a = Store.open(file())) {
      try (Store b = Store.open(file())) {
        assertThat(b.claim(key)).isPresent();
        assertThat(a.claim(key)).isEmpty();
      }
      assertThat(a.claim(key)).isPresent();
    }
  }

  /** A process that is killed left half a line, and this one writes over it. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] files) throws Exception {
      Path store = Path.of(files[0]);
      byte[] whole = Files.readAllBytes(store);
      try (FileChannel locks =
          FileChannel.open(Path.of(files[0] + ".lock"), StandardOpenOption.WRITE)) {
        locks.lock(0, 1, false);
        int half = whole.length / 12;
        Files.write(store, Arrays.copyOf(whole, half));
        Files.write(store, "\n".getBytes(StandardCharsets.UTF_8), StandardOpenOption.APPEND);
        Files.write(store, whole, StandardOpenOption.APPEND);
        System.out.println("half a line is there");
        Thread.sleep(500);
        Files.write(store, whole);
      }
    }
  }

  @Test
  void aReaderWaitsForWhoIsWriting() throws Exception {
    Exploration whole = sweep();
    List<String> lines = lines();
    Process writer =
        new ProcessBuilder(command(Writer.class, file().toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(writer.inputReader().readLine()).isEqualTo("half a line is there");

    Exploration again = sweep();

    assertThat(writer.waitFor()).isZero();
    assertThat(again).isEqualTo(whole);
    assertThat(lines()).isEqualTo(lines);
  }

  /** Ends with 0 if it can claim a point. */
  static final class Claimer {
    private Claimer() {}

    public static void main(String[] fileAndKey) {
      System.exit(Store.open(Path.of(fileAndKey[0])).claim(fileAndKey[1]).isPresent() ? 0 : 1);
    }
  }

  @Test
  void aClaimOutlivesOtherStoresOfItsProcess() throws Exception {
    String key = "0123456789abcdef0123456789abcdef";
    Path link = Files.createSymbolicLink(folder.resolve("link.jsonl"), file().getFileName());
    try (Store a = Store.open(file())) {
      Store.Claim claim = a.claim(key).orElseThrow();
      Store.open(file()).close();
      Store.open(link).close();

      assertThat(java(Claimer.class, file().toString(), key).waitFor()).isOne();
      assertThat(java(Claimer.class, link.toString(), key).waitFor()).isOne();
      claim.free();
      assertThat(java(Claimer.class, file().toString(), key).waitFor()).isZero();
    }
  }

  @Test
  void aSweepThatItsUserStopsHasWhatThereIsAndGoesOn() {
    Thread user = Thread.currentThread();
    AtomicInteger asked = new AtomicInteger();
    Policy[] policies = new Policy[12];
    for (int bits = 1; bits <= policies.length; bits++) {
      policies[bits - 1] = policy("p" + bits, weights(bits(bits + 1)));
    }
    // A batch per policy; the user stops in the first.
    Sweep sweep =
        Sweep.of(
            "s",
            base(grid("g", pes(1, 1))),
            over(policies),
            over(window(1), window(4)),
            new Sweep.StoreIn(file()),
            accuracy(
                "slow",
                policy -> {
                  if (asked.incrementAndGet() == 1) {
                    user.interrupt();
                  }
                  LockSupport.parkNanos(100_000_000);
                  return 0.5;
                }));

    Exploration stopped = sweep.run();
    boolean interrupted = Thread.interrupted();

    assertThat(interrupted).as("who called sees that it was stopped").isTrue();
    assertThat(stopped.complete()).isFalse();
    assertThat(stopped.succeeded()).isNotEmpty();
    assertThat(stopped.headline()).contains("not simulated yet");
    assertThat(stopped.pareto(CYCLES, AREA).points()).isNotEmpty();
    int before = asked.get();
    assertThat(sweep.run().complete()).isTrue();
    assertThat(asked).hasValueLessThanOrEqualTo(before + 12 - stopped.succeeded().size() / 2);
  }

  /** What the children of the next tests do. */
  static final class Child {
    private Child() {}

    static Sweep sweep(Path file) {
      return Sweep.of(
          "killed",
          new Setting(
              zoo("resnet20"), TWN, grid("g", pes(1, 1)), synthetic(3, batch(2)), inference()),
          over(pes(1, 2), pes(2, 2), pes(4, 2), pes(4, 4), pes(8, 4)),
          over(window(1), window(2), window(4), window(8)),
          over(tile(2, 4), tile(4, 4)),
          new Sweep.StoreIn(file));
    }

    public static void main(String[] file) {
      sweep(Path.of(file[0])).run();
    }
  }

  private static Process child(Path file) throws IOException {
    return java(Child.class, file.toString());
  }

  private static Process java(Class<?> program, String... arguments) throws IOException {
    return new ProcessBuilder(command(program, arguments)).inheritIO().start();
  }

  private static List<String> command(Class<?> program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  @Test
  void aSweepThatIsKilledAtRandomMomentsEndsAsOneThatIsNot() throws Exception {
    Exploration whole = Child.sweep(folder.resolve("whole.jsonl")).run();
    Random random = new Random(5);
    int killed = 0;
    for (int kill = 0; kill < 4; kill++) {
      int before = Files.exists(file()) ? lines().size() : 0;
      long bytes = Files.exists(file()) ? Files.size(file()) : 0;
      Process child = child(file());
      // Once there is something new: the first at once, later ones at any time.
      while (child.isAlive() && (!Files.exists(file()) || Files.size(file()) <= bytes)) {
        Thread.sleep(5);
      }
      if (!child.waitFor(random.nextInt(1 + 100 * kill), TimeUnit.MILLISECONDS)) {
        child.destroyForcibly().waitFor();
        killed++;
      }
      assertThat(lines().size()).isGreaterThanOrEqualTo(before - 1);
    }

    Exploration resumed = Child.sweep(file()).run();

    assertThat(killed).isPositive();
    assertThat(resumed).hasToString(whole.toString()).isEqualTo(whole);
    assertThat(resumed.listing().csv()).isEqualTo(whole.listing().csv());
  }

  @Test
  void twoProcessesShareAStoreAndComputeNoPointTwice() throws Exception {
    Process a = child(file());
    Process b = child(file());

    assertThat(a.waitFor()).isZero();
    assertThat(b.waitFor()).isZero();

    Set<String> keys = new TreeSet<>();
    lines().forEach(line -> keys.add(line.substring(0, 42)));
    assertThat(lines()).hasSize(40);
    assertThat(keys).hasSize(40);
    assertThat(Child.sweep(file()).run().complete()).isTrue();
  }
}
