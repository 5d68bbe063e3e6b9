package org.dlaclab.operand;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;

/** Published densities per layer; the resource {@code densities.csv} names their sources. */
final class Published {
  private static final Map<String, Map<String, LayerDensities>> TABLES = read();

  private Published() {}

  static Map<String, LayerDensities> table(String network) {
    Map<String, LayerDensities> table = TABLES.get(network.toLowerCase(Locale.ROOT));
    if (table == null) {
      throw new DlacException(
          "no densities are published for \"" + network + "\"",
          "one of " + String.join(", ", TABLES.keySet()),
          "did you mean published(\""
              + Check.nearest(network, TABLES.keySet())
              + "\")? For other networks declare weightDensity(...) and ifmDensity(...)");
    }
    return table;
  }

  private static Map<String, Map<String, LayerDensities>> read() {
    Map<String, Map<String, LayerDensities>> tables = new TreeMap<>();
    try (InputStream in =
            Objects.requireNonNull(Published.class.getResourceAsStream("densities.csv"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      lines
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("network,"))
          .map(line -> line.split(",", -1))
          .forEach(
              cells ->
                  tables
                      .computeIfAbsent(cells[0], name -> new LinkedHashMap<>())
                      .put(
                          cells[1],
                          new LayerDensities(
                              Double.parseDouble(cells[2]),
                              Double.parseDouble(cells[3]),
                              cells[4].isEmpty() ? Double.NaN : Double.parseDouble(cells[4]),
                              Double.NaN)));
      return tables;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
