package org.dlaclab.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.file.WholeFile;

/**
 * Named tensors with text about them, as the safetensors file format keeps them: 8 bytes with the
 * length of a JSON header, the header (type, shape and place of each tensor, and {@code
 * __metadata__}), then the values, little-endian and without gaps.
 *
 * @param entries by name, in alphabetical order
 * @param metadata what the writer says about them, in alphabetical order of the keys
 */
public record SafeTensors(Map<String, Entry> entries, Map<String, String> metadata) {
  /** The longest header that is read, in bytes: as in the format's reference implementation. */
  static final int MAX_HEADER = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final int CHUNK = 1 << 16;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** How a tensor's values are stored. */
  public enum Type {
    /** 32-bit floats. */
    F32(4),
    /** Whole numbers from 0 to 255. */
    U8(1),
    /** 64-bit whole numbers; read as floats, so only those from -2^24 to 2^24 are accepted. */
    I64(8),
    /** 0 or 1. */
    BOOL(1);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    private boolean holds(float value) {
      return switch (this) {
        case F32 -> true;
        case U8 -> value >= 0 && value <= 255 && value == Math.rint(value);
        case I64 -> Math.abs(value) <= EXACT && value == Math.rint(value);
        case BOOL -> value == 0 || value == 1;
      };
    }
  }

  /** Up to here every whole number is a float. */
  private static final long EXACT = 1 << 24;

  /**
   * A tensor and how it is stored.
   *
   * @param tensor values that {@code type} can hold
   */
  public record Entry(Type type, Tensor tensor) {
    public Entry {
      for (int i = 0; i < tensor.size(); i++) {
        if (!type.holds(tensor.get(i))) {
          throw new DlacException(
              "a tensor of type " + type + " holds " + tensor.get(i) + " at index " + i,
              "values that " + type + " can hold",
              "store it as F32");
        }
      }
    }
  }

  public SafeTensors {
    entries = Collections.unmodifiableMap(new TreeMap<>(entries));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    if (entries.containsKey(METADATA)) {
      throw new DlacException(
          "a tensor is called " + METADATA, "another name: this one is reserved", "rename it");
    }
  }

  /** All of {@code tensors} as 32-bit floats. */
  public static SafeTensors of(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Map<String, Entry> entries = new TreeMap<>();
    tensors.forEach((name, tensor) -> entries.put(name, new Entry(Type.F32, tensor)));
    return new SafeTensors(entries, metadata);
  }

  /** The tensors without their types, by name. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    entries.forEach((name, entry) -> tensors.put(name, entry.tensor()));
    return tensors;
  }

  /**
   * The tensor called {@code name}.
   *
   * @throws DlacException if there is none
   */
  public Tensor tensor(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new DlacException(
          "there is no tensor \"" + name + "\"",
          "one of " + entries.size() + " tensors",
          entries.isEmpty()
              ? "look at the program that wrote the file"
              : "did you mean \"" + Check.nearest(name, entries.keySet()) + "\"?");
    }
    return entry.tensor();
  }

  /**
   * Reads a file.
   *
   * @throws DlacException naming the file and the tensor if the file breaks the format in any way,
   *     or uses a type other than {@link Type}
   */
  public static SafeTensors read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new Reader(file.toString(), Files.size(file)).read(in);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), "a safetensors file", e);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param name what errors call the stream
   * @throws DlacException as {@link #read(Path)}
   */
  public static SafeTensors read(String name, InputStream in) {
    try {
      return new Reader(name, Long.MAX_VALUE).read(in);
    } catch (IOException e) {
      throw DlacException.unreadable(name, "a safetensors file", e);
    }
  }

  /**
   * Writes a file, complete or not at all: through a temporary file beside it. The same tensors
   * give the same bytes.
   *
   * @throws DlacException if the file system refuses
   */
  public void write(Path file) {
    WholeFile.write(file, this::write);
  }

  private void write(OutputStream out) throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = header.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    // Wide types first, so that each tensor lies at a multiple of its values' size.
    List<Map.Entry<String, Entry>> order = new ArrayList<>(entries.entrySet());
    order.sort(Comparator.comparingInt(e -> -e.getValue().type().bytes));
    long at = 0;
    for (Map.Entry<String, Entry> e : order) {
      Tensor tensor = e.getValue().tensor();
      ObjectNode place = header.putObject(e.getKey());
      place.put("dtype", e.getValue().type().name());
      tensor.shape().dims().forEach(place.putArray("shape")::add);
      long end = at + (long) tensor.size() * e.getValue().type().bytes;
      place.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int length = (json.length + 7) / 8 * 8;
    out.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
    out.write(json);
    for (int i = json.length; i < length; i++) {
      out.write(' ');
    }
    for (Map.Entry<String, Entry> e : order) {
      write(out, e.getValue());
    }
  }

  private static void write(OutputStream out, Entry entry) throws IOException {
    Tensor tensor = entry.tensor();
    int perChunk = CHUNK / entry.type().bytes;
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < tensor.size(); i += Math.min(perChunk, tensor.size() - i)) {
      buffer.clear();
      int end = i + Math.min(perChunk, tensor.size() - i);
      for (int j = i; j < end; j++) {
        float value = tensor.get(j);
        switch (entry.type()) {
          case F32 -> buffer.putFloat(value);
          case I64 -> buffer.putLong((long) value);
          case U8, BOOL -> buffer.put((byte) value);
        }
      }
      out.write(buffer.array(), 0, buffer.position());
    }
  }

  /** For example {@code 21 tensors, 272474 values}. */
  @Override
  public String toString() {
    return entries.size()
        + " tensors, "
        + entries.values().stream().mapToLong(e -> e.tensor().size()).sum()
        + " values";
  }

  /** Reads one file. Nothing in it is believed before it is checked. */
  private static final class Reader {
    private final String name;
    private final long size;

    /**
     * @param size of the file in bytes; {@code Long.MAX_VALUE} if it is not known before its end
     */
    Reader(String name, long size) {
      this.name = name;
      this.size = size;
    }

    /** Where a tensor lies; {@code begin} and {@code end} in bytes behind the header. */
    private record Place(String tensor, Type type, Shape shape, long begin, long end) {}

    SafeTensors read(InputStream in) throws IOException {
      byte[] prefix = in.readNBytes(8);
      if (prefix.length < 8) {
        throw damaged("has " + prefix.length + " bytes", "8 bytes with the header's length");
      }
      long length = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 2 || length > MAX_HEADER || length > size - 8) {
        throw damaged(
            "announces a header of " + Long.toUnsignedString(length) + " bytes",
            size == Long.MAX_VALUE
                ? "2 to " + MAX_HEADER + " bytes"
                : "2 to " + Math.min(MAX_HEADER, size - 8) + " bytes, for the file has " + size);
      }
      // readNBytes() allocates as data arrive, not as the prefix promises.
      byte[] header = in.readNBytes((int) length);
      if (header.length < length) {
        throw damaged(
            "ends after " + header.length + " bytes of its header", length + " bytes of header");
      }
      ObjectNode json = parse(header);
      Map<String, String> metadata = metadata(json);
      List<Place> places = places(json, length);
      Map<String, Entry> entries = new TreeMap<>();
      for (Place place : places) {
        entries.put(place.tensor(), values(in, place));
      }
      if (in.read() >= 0) {
        throw damaged("has bytes behind its last tensor", "no byte that belongs to no tensor");
      }
      return new SafeTensors(entries, metadata);
    }

    private ObjectNode parse(byte[] header) {
      String text;
      try {
        text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
      } catch (CharacterCodingException e) {
        throw damaged("has a header that is not UTF-8", "a JSON object in UTF-8");
      }
      try {
        JsonNode json = JSON.readTree(text);
        if (json instanceof ObjectNode object && text.startsWith("{")) {
          return object;
        }
      } catch (JsonProcessingException e) {
        throw damaged(
            "has a header that is not JSON (" + e.getOriginalMessage() + ")", "a JSON object");
      }
      throw damaged("has a header that is no JSON object", "one that begins with {");
    }

    private Map<String, String> metadata(ObjectNode json) {
      Map<String, String> metadata = new TreeMap<>();
      JsonNode texts = json.remove(METADATA);
      if (texts == null) {
        return metadata;
      }
      if (!texts.isObject()) {
        throw damaged("has " + METADATA + " = " + brief(texts), "texts by name");
      }
      for (Map.Entry<String, JsonNode> e : texts.properties()) {
        if (!e.getValue().isTextual()) {
          throw damaged(
              "has " + brief(e.getValue()) + " for \"" + e.getKey() + "\" in " + METADATA,
              "a text");
        }
        metadata.put(e.getKey(), e.getValue().textValue());
      }
      return metadata;
    }

    /** All tensors in the order of their values, which follow one another without gap. */
    private List<Place> places(ObjectNode json, long headerLength) {
      List<Place> places = new ArrayList<>();
      for (Map.Entry<String, JsonNode> e : json.properties()) {
        places.add(place(e.getKey(), e.getValue()));
      }
      places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
      long at = 0;
      for (Place place : places) {
        if (place.begin() != at) {
          throw damaged(
              tensor(place.tensor())
                  + (place.begin() < at ? " overlaps the one before it: it" : " leaves a gap: it")
                  + " begins at byte "
                  + place.begin(),
              "byte " + at);
        }
        at = place.end();
      }
      if (size != Long.MAX_VALUE && at != size - 8 - headerLength) {
        throw damaged(
            "holds " + (size - 8 - headerLength) + " bytes of values",
            at + " bytes, by its header");
      }
      return places;
    }

    private Place place(String tensor, JsonNode json) {
      JsonNode dtype = json.path("dtype");
      JsonNode dims = json.path("shape");
      JsonNode offsets = json.path("data_offsets");
      if (!dtype.isTextual()
          || !whole(dims)
          || !whole(offsets)
          || offsets.size() != 2
          || json.size() != 3) {
        throw damaged(
            tensor(tensor) + " is described by " + brief(json),
            "dtype (a text), shape and data_offsets (whole numbers of 0 or more)");
      }
      Type type = type(tensor, dtype.textValue());
      long begin = offsets.get(0).longValue();
      long end = offsets.get(1).longValue();
      Shape shape = shape(tensor, dims);
      long bytes = shape.size() * type.bytes;
      if (end - begin != bytes) {
        throw damaged(
            tensor(tensor) + " takes bytes " + begin + " to " + end,
            bytes + " bytes for " + shape + " of " + type);
      }
      if (shape.size() > Integer.MAX_VALUE - 8) {
        throw damaged(
            tensor(tensor) + " has " + shape.size() + " values (" + shape + ")",
            "at most 2^31 - 9, what a Java array holds");
      }
      return new Place(tensor, type, shape, begin, end);
    }

    private Type type(String tensor, String dtype) {
      for (Type type : Type.values()) {
        if (type.name().equals(dtype)) {
          return type;
        }
      }
      throw new DlacException(
          name + ": " + tensor(tensor) + " has type " + dtype,
          "one of " + List.of(Type.values()),
          "convert it when the file is written, for example with tensor.float() in PyTorch");
    }

    private Shape shape(String tensor, JsonNode dims) {
      int[] extents = new int[dims.size()];
      double values = 1;
      for (int i = 0; i < extents.length; i++) {
        values *= Math.max(1, dims.get(i).longValue());
        if (!dims.get(i).isInt() || values > Long.MAX_VALUE / 16.0) {
          throw damaged(
              tensor(tensor) + " has shape " + brief(dims), "extents that a file can hold");
        }
        extents[i] = dims.get(i).intValue();
      }
      return Shape.of(extents);
    }

    private Entry values(InputStream in, Place place) throws IOException {
      Type type = place.type();
      int count = (int) place.shape().size();
      // A stream of unknown length has to prove that it holds what its header promises.
      int room = size == Long.MAX_VALUE ? Math.min(count, CHUNK) : count;
      Check.fitsHeap(name + ": " + tensor(place.tensor()), (double) room * Float.BYTES);
      float[] values = new float[room];
      int perChunk = CHUNK / type.bytes;
      for (int i = 0; i < count; i += Math.min(perChunk, count - i)) {
        int wanted = Math.min(perChunk, count - i) * type.bytes;
        byte[] bytes = in.readNBytes(wanted);
        if (bytes.length < wanted) {
          throw damaged(
              "ends inside of " + tensor(place.tensor()),
              place.end() - place.begin() + " bytes of its values");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int end = i + wanted / type.bytes;
        if (end > values.length) {
          int more = (int) Math.min(count, Math.max(end, 2L * values.length));
          Check.fitsHeap(name + ": " + tensor(place.tensor()), (double) more * Float.BYTES);
          values = java.util.Arrays.copyOf(values, more);
        }
        for (int j = i; j < end; j++) {
          values[j] = value(place.tensor(), type, buffer);
        }
      }
      return new Entry(type, Tensor.of(place.shape(), values));
    }

    private float value(String tensor, Type type, ByteBuffer buffer) {
      if (type == Type.F32) {
        return buffer.getFloat();
      }
      if (type == Type.I64) {
        long value = buffer.getLong();
        if (value < -EXACT || value > EXACT) {
          throw damaged(
              tensor(tensor) + " holds " + value,
              "whole numbers from -2^24 to 2^24, which a 32-bit float holds exactly");
        }
        return value;
      }
      int value = buffer.get() & 0xff;
      if (type == Type.BOOL && value > 1) {
        throw damaged(tensor(tensor) + " of type BOOL holds " + value, "0 or 1");
      }
      return value;
    }

    private static boolean whole(JsonNode array) {
      if (!array.isArray()) {
        return false;
      }
      for (Iterator<JsonNode> it = array.elements(); it.hasNext(); ) {
        JsonNode number = it.next();
        if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
          return false;
        }
      }
      return true;
    }

    private static String tensor(String tensor) {
      return "tensor \"" + tensor + "\"";
    }

    private static String brief(JsonNode json) {
      String text = json.toString();
      return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }

    private DlacException damaged(String problem, String expected) {
      return new DlacException(
          name + " is no sound safetensors file: it " + problem,
          expected,
          "copy or download the file again, or look at the program that wrote it");
    }
  }
}
