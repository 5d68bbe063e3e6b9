package org.dlaclab.operand;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import tech.tablesaw.api.ColumnType;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;
import tech.tablesaw.io.csv.CsvReadOptions;

/**
 * Densities per layer from a table in CSV or JSON with the columns {@code layer}, {@code weights},
 * {@code IFM}, {@code OFM} and {@code OFM gradient}, as a run and {@link SavedMasks#densities} save
 * it. Only {@code layer} must be there, and one of the others; more columns are ignored. A run of
 * training has a row per pass of a layer, which all say the same of it.
 */
final class DensityFile {
  private static final String LAYER = "layer";
  private static final List<String> COLUMNS = List.of("weights", "IFM", "OFM", "OFM gradient");
  private static final String EXPECTED =
      "a .csv or .json table with the columns layer, weights, IFM, OFM and OFM gradient";
  private static final String HINT =
      "save one: simulate(...).save(\"file.csv\"), or savedMasks(...).densities().save(...)";

  private DensityFile() {}

  static Map<String, LayerDensities> read(Path file) {
    List<Map<String, String>> rows = rows(file);
    if (rows.isEmpty() || COLUMNS.stream().noneMatch(rows.get(0)::containsKey)) {
      throw new DlacException(
          file + (rows.isEmpty() ? " has no rows" : " has the columns " + rows.get(0).keySet()),
          EXPECTED,
          HINT);
    }
    Map<String, LayerDensities> layers = new LinkedHashMap<>();
    for (Map<String, String> row : rows) {
      String layer = row.getOrDefault(LAYER, "");
      LayerDensities densities =
          new LayerDensities(
              density(file, layer, COLUMNS.get(0), row),
              density(file, layer, COLUMNS.get(1), row),
              density(file, layer, COLUMNS.get(2), row),
              density(file, layer, COLUMNS.get(3), row));
      LayerDensities before = layers.put(layer, densities);
      if (layer.isEmpty() || (before != null && !before.equals(densities))) {
        throw new DlacException(
            file
                + (layer.isEmpty()
                    ? " has a row without a layer"
                    : " has rows of \"" + layer + "\" that differ"),
            "a row per layer, with its name under \"" + LAYER + "\"",
            HINT);
      }
    }
    return layers;
  }

  private static double density(Path file, String layer, String column, Map<String, String> row) {
    String text = row.getOrDefault(column, "");
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      return Check.fraction(
          "column " + column + " of \"" + layer + "\" in " + file, Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new DlacException(
          "column " + column + " of \"" + layer + "\" in " + file + " is \"" + text + "\"",
          "a fraction from 0 to 1, or nothing where it is not known",
          HINT,
          e);
    }
  }

  /** The cells by column, of each row; an empty text where there is none. */
  private static List<Map<String, String>> rows(Path file) {
    String name = file.toString().toLowerCase(Locale.ROOT);
    try {
      String text = Files.readString(file);
      if (name.endsWith(".json")) {
        return json(file, text);
      }
      if (name.endsWith(".csv")) {
        return csv(file, text);
      }
    } catch (CharacterCodingException e) {
      throw new DlacException(file + " is not UTF-8", EXPECTED, HINT, e);
    } catch (IOException e) {
      throw DlacException.unreadable(file.toString(), EXPECTED, e);
    }
    throw new DlacException(file + " is neither .csv nor .json by its name", EXPECTED, HINT);
  }

  private static List<Map<String, String>> json(Path file, String text) {
    List<Map<String, String>> rows = new ArrayList<>();
    try {
      JsonNode json = new ObjectMapper().readTree(text);
      for (JsonNode object : json.isArray() ? json : List.<JsonNode>of()) {
        Map<String, String> row = new LinkedHashMap<>();
        object
            .properties()
            .forEach(e -> row.put(e.getKey(), e.getValue().isNull() ? "" : e.getValue().asText()));
        rows.add(row);
      }
      return rows;
    } catch (JsonProcessingException e) {
      throw new DlacException(file + " is no JSON: " + e.getOriginalMessage(), EXPECTED, HINT, e);
    }
  }

  private static List<Map<String, String>> csv(Path file, String text) {
    Table table;
    try {
      table =
          Table.read()
              .usingOptions(
                  CsvReadOptions.builder(new StringReader(text))
                      .columnTypes(column -> ColumnType.STRING)
                      .missingValueIndicator(""));
    } catch (RuntimeException e) {
      // The reader answers lines of unequal length and the like with exceptions of many kinds.
      throw new DlacException(file + " is no CSV: " + e.getMessage(), EXPECTED, HINT, e);
    }
    List<Map<String, String>> rows = new ArrayList<>();
    for (Row cells : table) {
      Map<String, String> row = new LinkedHashMap<>();
      table.columnNames().forEach(column -> row.put(column, cells.getString(column)));
      rows.add(row);
    }
    return rows;
  }
}
