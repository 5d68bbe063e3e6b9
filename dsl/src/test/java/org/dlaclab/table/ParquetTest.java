package org.dlaclab.table;

import static org.assertj.core.api.Assertions.assertThat;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetTest {
  @TempDir Path folder;

  private record Layer(String name, long macs, double speedup) {}

  private static Listing listing(List<Layer> layers) {
    return new Listing(
        "layers",
        Columns.table(
            "layers",
            Columns.text("größe ×", layers, Layer::name),
            Columns.count("MACs", layers, Layer::macs),
            Columns.decimal("time (ms)", 2, layers, Layer::speedup)),
        false);
  }

  /** Each row by the names of its columns, without those that are null. */
  private static List<Map<String, Object>> read(Path file) throws IOException {
    try (var rows =
        ParquetReader.streamContent(
            file.toFile(),
            new Hydrator<Map<String, Object>, Map<String, Object>, String[]>() {
              @Override
              public Map<String, Object> start() {
                return new HashMap<>();
              }

              @Override
              public Map<String, Object> add(
                  Map<String, Object> row, String[] column, Object value) {
                if (value != null) {
                  row.put(String.join(".", column), value);
                }
                return row;
              }

              @Override
              public Map<String, Object> finish(Map<String, Object> row) {
                return row;
              }
            })) {
      return rows.toList();
    }
  }

  @Test
  void valuesAreWhatTheyWereAndWhatIsMissingIsNull() throws IOException {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      layers.add(new Layer("layer " + i, (1L << 62) + i, i / 3.0));
    }
    layers.add(new Layer("say \"größe\",\n×", Long.MIN_VALUE + 1, Double.NaN));

    List<Map<String, Object>> rows = read(listing(layers).save(folder.resolve("x.parquet")));

    assertThat(rows).hasSize(1001);
    for (int i = 0; i < rows.size(); i++) {
      Layer layer = layers.get(i);
      Map<String, Object> row = new HashMap<>();
      row.put("größe ×", layer.name());
      row.put("MACs", layer.macs());
      if (!Double.isNaN(layer.speedup())) {
        row.put("time (ms)", layer.speedup());
      }
      assertThat(rows.get(i)).isEqualTo(row);
    }
  }

  @Test
  void withoutTheLibraryItIsSaidWhatIsMissing() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .filter(entry -> !entry.contains("parquet"))
                    .collect(Collectors.joining(File.pathSeparator)),
                Without.class.getName(),
                folder.resolve("x.parquet").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(jvm.waitFor()).isEqualTo(1);
    assertThat(output)
        .contains("DlacException", "blue.strategic.parquet:parquet-floor", "./dlac fetch parquet");
    assertThat(folder).isEmptyDirectory();
  }

  /** What that JVM runs, without this class, which needs the library. */
  static final class Without {
    private Without() {}

    public static void main(String... file) {
      new Listing("t", Columns.table("t", Columns.text("a", List.of("b"), s -> s)), false)
          .save(file[0]);
    }
  }
}
