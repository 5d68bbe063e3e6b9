package org.dlaclab.tech;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The published figures that come with DLAC Lab: a line of numbers by name. */
final class Csv {
  private Csv() {}

  /** The lines by their first field; an empty field is NaN. */
  static Map<String, double[]> read(String name) {
    Map<String, double[]> lines = new LinkedHashMap<>();
    try (InputStream in = Objects.requireNonNull(Csv.class.getResourceAsStream(name), name)) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .skip(1)
          .forEach(
              line -> {
                String[] fields = line.split(",", -1);
                double[] numbers = new double[fields.length - 1];
                for (int i = 0; i < numbers.length; i++) {
                  numbers[i] =
                      fields[i + 1].isEmpty() ? Double.NaN : Double.parseDouble(fields[i + 1]);
                }
                lines.put(fields[0], numbers);
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }
}
