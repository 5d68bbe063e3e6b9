package org.dlaclab.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.dlaclab.error.DlacException;

/**
 * The header of a {@code .npy} file: magic, version, length, then a Python dictionary with the keys
 * {@code descr}, {@code fortran_order} and {@code shape}
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * @param order byte order of the values
 * @param columnMajor whether the first dimension is the fastest
 */
record NpyHeader(Npy.Type type, ByteOrder order, boolean columnMajor, Shape shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** As numpy: longer headers are not read unless they are trusted. */
  private static final int MAX_LENGTH = 10_000;

  /** Bytes of the values. */
  long bytes() {
    return shape.size() * type.bytes();
  }

  /**
   * Reads the header and leaves {@code in} at the first value.
   *
   * @param name what errors call the file
   */
  static NpyHeader read(String name, InputStream in) throws IOException {
    byte[] start = in.readNBytes(8);
    for (int i = 0; i < MAGIC.length; i++) {
      if (i >= start.length || start[i] != MAGIC[i]) {
        throw new DlacException(
            name + " is no .npy file: it begins with " + text(start),
            "the magic string \\x93NUMPY",
            "write it with np.save(file, array)");
      }
    }
    int version = start.length < 8 ? 0 : start[6];
    if (version < 1 || version > 3) {
      throw new DlacException(
          name + " has version " + version + " of the .npy format",
          "1, 2 or 3",
          "write it with np.save(file, array)");
    }
    byte[] size = in.readNBytes(version == 1 ? 2 : 4);
    long length = 0;
    for (int i = size.length - 1; i >= 0; i--) {
      length = length << 8 | (size[i] & 0xff);
    }
    if (size.length < 2 || length > MAX_LENGTH) {
      throw new DlacException(
          name + " announces a header of " + length + " bytes",
          "at most " + MAX_LENGTH + " bytes",
          "copy the file again, or write it with np.save(file, array)");
    }
    byte[] header = in.readNBytes((int) length);
    if (header.length < length) {
      throw truncated(name, header.length + " of " + length + " bytes of its header");
    }
    return new Parser(name, new String(header, StandardCharsets.UTF_8)).header();
  }

  static DlacException truncated(String name, String has) {
    return new DlacException(
        name + " is truncated: it has " + has,
        "the whole file",
        "copy it again, or write it again with np.save(file, array)");
  }

  private static String text(byte[] bytes) {
    if (bytes.length == 0) {
      return "nothing: it is empty";
    }
    StringBuilder text = new StringBuilder();
    for (byte b : ByteBuffer.wrap(bytes, 0, Math.min(6, bytes.length)).array()) {
      text.append(b >= ' ' && b < 127 ? String.valueOf((char) b) : "\\x%02x".formatted(b & 0xff));
    }
    return text.toString();
  }

  /** Reads the few forms of a Python literal that numpy writes. */
  private static final class Parser {
    private final String name;
    private final String text;
    private int at;

    Parser(String name, String text) {
      this.name = name;
      this.text = text;
    }

    NpyHeader header() {
      String descr = "";
      String columnMajor = "";
      String shape = "";
      expect('{');
      while (!next('}')) {
        String key = string();
        expect(':');
        String value = value();
        switch (key) {
          case "descr" -> descr = value;
          case "fortran_order" -> columnMajor = value;
          case "shape" -> shape = value;
          default -> throw broken("has the key \"" + key + "\"");
        }
        if (!next(',')) {
          expect('}');
          break;
        }
      }
      if (at != text.length()) {
        throw broken("goes on after its end");
      }
      if (!columnMajor.equals("True") && !columnMajor.equals("False")) {
        throw broken("has fortran_order " + columnMajor);
      }
      Npy.Type type = type(descr);
      return new NpyHeader(
          type,
          descr.startsWith("'>") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
          columnMajor.equals("True"),
          shape(shape, type));
    }

    private Npy.Type type(String descr) {
      String code = descr.length() < 2 ? "" : descr.substring(1, descr.length() - 1);
      for (Npy.Type type : Npy.Type.values()) {
        if (code.equals(type.bytes() == 1 ? "|" + type.code() : "<" + type.code())
            || (type.bytes() > 1 && code.equals(">" + type.code()))) {
          return type;
        }
      }
      String what =
          code.equals("|O")
              ? " (Python objects)"
              : descr.startsWith("[") ? " (a structure)" : code.contains("U") ? " (text)" : "";
      throw new DlacException(
          name + " has dtype " + descr + what,
          "a floating, integer or bool dtype: " + Npy.Type.codes(),
          "np.save(file, array.astype(np.float32)), or astype(bool) for a mask");
    }

    private Shape shape(String tuple, Npy.Type type) {
      if (!tuple.startsWith("(") || !tuple.endsWith(")")) {
        throw broken("has shape " + tuple);
      }
      List<Integer> dims = new ArrayList<>();
      double bytes = type.bytes();
      String inner = tuple.substring(1, tuple.length() - 1);
      for (String part : inner.split(",", -1)) {
        String dim = part.trim();
        if (dim.isEmpty()) {
          continue;
        }
        try {
          dims.add(Integer.parseUnsignedInt(dim));
        } catch (NumberFormatException e) {
          throw broken("has shape " + tuple);
        }
        int last = dims.get(dims.size() - 1);
        bytes *= Math.max(1, last);
        if (last < 0 || bytes > Long.MAX_VALUE / 2.0) {
          throw broken("has shape " + tuple);
        }
      }
      Shape shape = new Shape(dims);
      if (shape.size() > Integer.MAX_VALUE - 8) {
        throw new DlacException(
            name + " has " + shape.size() + " values (" + shape + ")",
            "at most 2^31 - 9, what a Java array holds",
            "save fewer images per file");
      }
      return shape;
    }

    /** A literal as it is written: a string with its quotes, a word, a tuple or a list. */
    private String value() {
      skipBlanks();
      int from = at;
      int depth = 0;
      boolean quoted = false;
      while (at < text.length()) {
        char c = text.charAt(at);
        if (c == '\'') {
          quoted = !quoted;
        } else if (!quoted) {
          if (depth == 0 && (c == ',' || c == '}')) {
            break;
          }
          depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        }
        at++;
      }
      return text.substring(from, at).trim();
    }

    private String string() {
      expect('\'');
      int end = text.indexOf('\'', at);
      if (end < 0) {
        throw broken("has a key without an end");
      }
      String string = text.substring(at, end);
      at = end + 1;
      return string;
    }

    private boolean next(char c) {
      skipBlanks();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        skipBlanks();
        return true;
      }
      return false;
    }

    private void expect(char c) {
      if (!next(c)) {
        throw broken("lacks " + c + " at character " + at);
      }
    }

    private void skipBlanks() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private DlacException broken(String problem) {
      String brief = text.length() > 120 ? text.substring(0, 120) + "..." : text.trim();
      return new DlacException(
          name + " has a header that " + problem + ": " + brief,
          "{'descr': ..., 'fortran_order': ..., 'shape': (...)}",
          "copy the file again, or write it with np.save(file, array)");
    }
  }
}
