package org.dlaclab.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.dlaclab.error.DlacException;
import org.dlaclab.tensor.SafeTensors.Entry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void readsWhatTheFormatsOwnLibraryWrote() throws IOException {
    // Made by make-fixtures.py.
    SafeTensors read;
    try (InputStream in = SafeTensorsTest.class.getResourceAsStream("python.safetensors")) {
      read = SafeTensors.read("python.safetensors", in);
    }

    assertThat(read.metadata()).isEqualTo(Map.of("accuracy", "91.5 %", "policy", "twn"));
    assertThat(read.tensor("conv1.weight").shape()).isEqualTo(Shape.of(2, 3, 2, 2));
    assertThat(read.tensor("conv1.weight").get(0)).isEqualTo(-11.5f);
    assertThat(read.tensor("conv1.weight").get(23)).isEqualTo(11.5f);
    assertThat(read.tensor("images").toArray()).containsExactly(250, 251, 252, 253, 254, 255);
    assertThat(read.tensor("labels").toArray()).containsExactly(3, -1, 9);
    assertThat(read.tensor("mask").toArray()).containsExactly(1, 0, 0, 1);
    assertThat(read.tensor("scalar").shape()).isEqualTo(Shape.of());
    assertThat(read.tensor("scalar").get(0)).isEqualTo(0.1f);
    assertThat(read.tensor("empty").shape()).isEqualTo(Shape.of(0, 5));
    assertThat(read.entries().get("labels").type()).isEqualTo(SafeTensors.Type.I64);
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsWrittenIsReadBack(long seed) throws IOException {
    SafeTensors written = random(new Random(seed));
    Path file = folder.resolve("t.safetensors");

    written.write(file);

    assertSame(SafeTensors.read(file), written);
    try (InputStream in = Files.newInputStream(file)) {
      assertSame(SafeTensors.read("a stream", in), written);
    }
  }

  @Test
  void theSameTensorsGiveTheSameBytesInAnyOrder() throws IOException {
    Map<String, Tensor> forth = new LinkedHashMap<>();
    Map<String, Tensor> back = new LinkedHashMap<>();
    for (int i = 0; i < 9; i++) {
      forth.put("t" + i, Tensor.of(Shape.of(2), i, -i));
      back.put("t" + (8 - i), Tensor.of(Shape.of(2), 8 - i, i - 8));
    }
    SafeTensors.of(forth, Map.of("a", "1", "b", "2")).write(folder.resolve("1"));
    SafeTensors.of(back, Map.of("b", "2", "a", "1")).write(folder.resolve("2"));

    assertThat(folder.resolve("1")).hasSameBinaryContentAs(folder.resolve("2"));
  }

  @Test
  void writingReplacesTheOldFileAndLeavesNothingElseBehind() throws IOException {
    Path file = folder.resolve("t.safetensors");
    Files.writeString(file, "old");
    SafeTensors.of(Map.of("t", Tensor.of(Shape.of(1), 7)), Map.of()).write(file);

    assertThat(SafeTensors.read(file).tensor("t").get(0)).isEqualTo(7);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aFolderThatDoesNotExistIsNamed() {
    Path file = folder.resolve("no/t.safetensors");
    assertThatThrownBy(() -> SafeTensors.of(Map.of(), Map.of()).write(file))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(folder.resolve("no") + "\" for \"t.safetensors\" does not exist");
    assertThatThrownBy(() -> SafeTensors.read(file))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> SafeTensors.of(Map.of(), Map.of()).write(folder))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("is a folder");
  }

  @Test
  void aTensorThatIsNotThereIsAnErrorWithTheNearestName() {
    SafeTensors tensors = SafeTensors.of(Map.of("conv1.weight", Tensor.of(Shape.of(0))), Map.of());
    assertThatThrownBy(() -> tensors.tensor("conv1.wieght"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("did you mean \"conv1.weight\"?");
  }

  @Test
  void aTypeThatCannotHoldTheValuesIsRefused() {
    for (float bad : new float[] {-1, 256, 0.5f, Float.NaN}) {
      assertThatThrownBy(() -> new Entry(SafeTensors.Type.U8, Tensor.of(Shape.of(2), 0, bad)))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("index 1");
    }
  }

  /** Headers that break one rule each; the values are {@code bytes} zeros. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'t':{'dtype':'F16','shape':[2],'data_offsets':[0,4]}} | 4 | has type F16",
        "{'t':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | 4 | 8 bytes for 2 of F32",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 3 | holds 3 bytes of values",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | 5 | holds 5 bytes of values",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} | 8 | leaves a gap",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}} | 4 | takes bytes 4 to 0",
        "{'t':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}} | 4 | is described by",
        "{'t':{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}} | 4 | is described by",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}} | 4 | is described by",
        "{'t':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':0}} | 4 | is described by",
        "{'t':{'dtype':'F32','data_offsets':[0,4]}} | 4 | is described by",
        "{'t':7} | 4 | is described by",
        "{'t':{'dtype':'F32','shape':[4000000000],'data_offsets':[0,4]}} | 4 | has shape",
        "{'t':{'dtype':'U8','shape':[2000000000,2000000000,2000000000],'data_offsets':[0,4]}} | 4 | has shape",
        "{'t':{'dtype':'U8','shape':[3000000,1000],'data_offsets':[0,3000000000]}} | 4 | values",
        "{'t':{'dtype':'F32','shape':[18446744073709551617],'data_offsets':[0,4]}} | 4 | described",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'b':{'dtype':'U8','shape':[4],'data_offsets':[2,6]}} | 6 | tensor \"b\" overlaps",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'a':{'dtype':'U8','shape':[1],'data_offsets':[1,2]}} | 2 | not JSON",
        "{'__metadata__':{'n':1}} | 0 | for \"n\" in __metadata__",
        "{'__metadata__':'x'} | 0 | __metadata__",
        "{'a':{ | 0 | not JSON",
        "{} {} | 0 | not JSON",
        "[] | 0 | no JSON object",
        "null | 0 | no JSON object",
      })
  void aBrokenRuleIsNamed(String header, int bytes, String message) throws IOException {
    byte[] file = file(header.trim().replace('\'', '"'), new byte[bytes]);
    Path path = folder.resolve("broken");
    Files.write(path, file);

    assertThatThrownBy(() -> SafeTensors.read(path))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(message.trim());
    assertThatThrownBy(() -> SafeTensors.read("a stream", new ByteArrayInputStream(file)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("a stream");
  }

  @Test
  void deepJsonDoesNotOverflowTheStack() {
    byte[] file = file("{\"t\":" + "[".repeat(1_000_000), new byte[0]);
    assertThatThrownBy(() -> SafeTensors.read("deep", new ByteArrayInputStream(file)))
        .isInstanceOf(DlacException.class);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {-1, 0, 1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, 100_000_001, 99_999_999})
  void aHeaderLengthThatCannotBeIsNotBelieved(long length) throws IOException {
    byte[] file = file("{}", new byte[0]);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    Path path = folder.resolve("broken");
    Files.write(path, file);

    assertThatThrownBy(() -> SafeTensors.read(path)).isInstanceOf(DlacException.class);
    assertThatThrownBy(() -> SafeTensors.read("a stream", new ByteArrayInputStream(file)))
        .isInstanceOf(DlacException.class);
  }

  @Test
  void aHeaderOfGigabytesAllocatesNothing() {
    // Would take 8 GB, more than the heap, if the header were believed.
    String header =
        "{\"t\":{\"dtype\":\"F32\",\"shape\":[2000000000],\"data_offsets\":[0,8000000000]}}";
    assertThatThrownBy(
            () -> SafeTensors.read("short", new ByteArrayInputStream(file(header, new byte[40]))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("ends inside of tensor \"t\"");
  }

  @Test
  void everyTruncationIsAnError() throws IOException {
    byte[] whole = bytes(random(new Random(1)));
    for (int length = 0; length < whole.length; length += 1 + length / 100) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> SafeTensors.read("part", new ByteArrayInputStream(part)))
          .describedAs("the first %d bytes", length)
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("part");
    }
  }

  /**
   * Damage of all sorts: the reader refuses it with its own exception, or what it returns is what a
   * file of these bytes says, value by value.
   */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void aDamagedFileIsRefusedOrReadAsItStands(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] sound = bytes(random(random));
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = damage(sound, random);
      try {
        assertIsWhatTheBytesSay(
            SafeTensors.read("damaged", new ByteArrayInputStream(damaged)), damaged);
        read++;
      } catch (DlacException e) {
        assertThat(e).hasMessageContaining("damaged").hasMessageContaining("expected:");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(50);
    assertThat(read).isGreaterThan(5);
  }

  private static byte[] damage(byte[] sound, Random random) {
    byte[] bytes = sound.clone();
    int header = (int) ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int times = 1 + random.nextInt(3);
    for (int t = 0; t < times; t++) {
      int inHeader = 8 + random.nextInt(header);
      switch (random.nextInt(6)) {
        case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[random.nextInt(8)] = (byte) random.nextInt(256);
        case 2 ->
            bytes[Math.min(bytes.length - 1, inHeader)] =
                (byte) "0123456789,:[]{}\"".charAt(random.nextInt(17));
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, bytes.length + random.nextInt(17) - 8));
        case 4 -> {
          // A digit for a digit: offsets, shapes and names that are sound JSON.
          for (int i = 8 + random.nextInt(header); i < Math.min(bytes.length, 8 + header); i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
              bytes[i] = (byte) ('0' + random.nextInt(10));
              break;
            }
          }
        }
        default -> bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
    }
    return bytes;
  }

  /** Compares with the plainest possible reading of the bytes, which trusts its input. */
  private static void assertIsWhatTheBytesSay(SafeTensors read, byte[] file) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) bytes.getLong();
    String json = new String(file, 8, header, StandardCharsets.UTF_8);
    int claimed = 0;
    for (Map.Entry<String, Entry> e : read.entries().entrySet()) {
      int[] place = place(json, e.getKey());
      int begin = 8 + header + place[0];
      Tensor tensor = e.getValue().tensor();
      int width = tensor.size() == 0 ? 0 : (place[1] - place[0]) / tensor.size();
      for (int i = 0; i < tensor.size(); i++) {
        float expected =
            switch (e.getValue().type()) {
              case F32 -> bytes.getFloat(begin + i * 4);
              case I64 -> bytes.getLong(begin + i * 8);
              case U8, BOOL -> bytes.get(begin + i) & 0xff;
            };
        assertThat(Float.floatToIntBits(tensor.get(i))).isEqualTo(Float.floatToIntBits(expected));
      }
      assertThat(width).isIn(0, 1, 4, 8);
      claimed += place[1] - place[0];
    }
    assertThat(claimed).isEqualTo(file.length - 8 - header);
  }

  private static int[] place(String json, String tensor) {
    try {
      var offsets =
          new com.fasterxml.jackson.databind.ObjectMapper()
              .readTree(json)
              .get(tensor)
              .get("data_offsets");
      return new int[] {offsets.get(0).intValue(), offsets.get(1).intValue()};
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] bytes(SafeTensors tensors) throws IOException {
    Path file = folder.resolve("bytes");
    tensors.write(file);
    return Files.readAllBytes(file);
  }

  private static byte[] file(String header, byte[] values) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + values.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(values)
        .array();
  }

  private static SafeTensors random(Random random) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (SafeTensors.Type type : SafeTensors.Type.values()) {
      int[] dims = random.ints(random.nextInt(4), 0, 6).toArray();
      Shape shape = Shape.of(dims);
      float[] values = new float[(int) shape.size()];
      for (int j = 0; j < values.length; j++) {
        values[j] =
            switch (type) {
              case F32 -> (float) random.nextGaussian();
              case U8 -> random.nextInt(256);
              case I64 -> random.nextInt(1 << 25) - (1 << 24);
              case BOOL -> random.nextInt(2);
            };
      }
      entries.put(type + ".\"weight\" ü 1", new Entry(type, Tensor.of(shape, values)));
    }
    return new SafeTensors(entries, Map.of("seed", "1", "note", "line 1\nline \"2\""));
  }

  private static void assertSame(SafeTensors actual, SafeTensors expected) {
    assertThat(actual.metadata()).isEqualTo(expected.metadata());
    assertThat(actual.entries().keySet()).isEqualTo(expected.entries().keySet());
    actual
        .entries()
        .forEach(
            (name, entry) -> {
              Entry other = expected.entries().get(name);
              assertThat(entry.type()).isEqualTo(other.type());
              assertThat(entry.tensor().shape()).isEqualTo(other.tensor().shape());
              assertThat(entry.tensor().toArray()).containsExactly(other.tensor().toArray());
            });
  }
}
