package org.dlaclab.table;

import static org.dlaclab.library.Library.call;
import static org.dlaclab.library.Library.callStatic;
import static org.dlaclab.library.Library.constant;
import static org.dlaclab.library.Library.construct;
import static org.dlaclab.library.Library.type;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dlaclab.error.DlacException;
import org.dlaclab.library.Library;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.columns.Column;

/**
 * Tables as Apache Parquet: whole numbers as INT64, other numbers as DOUBLE, all else as strings;
 * what is missing is null. Parquet Floor writes them, which is Apache's own writer without Hadoop.
 */
final class Parquet {
  private static final String FLOOR = "blue.strategic.parquet.";
  private static final String SCHEMA = "org.apache.parquet.schema.";

  private Parquet() {}

  static byte[] bytes(Listing listing) {
    Class<?> writer = Library.find(FLOOR + "ParquetWriter").orElseThrow(Parquet::missing);
    Class<?> dehydrator = type(FLOOR + "Dehydrator");
    List<Column<?>> columns = listing.table().columns();
    Object schema =
        construct(
            type(SCHEMA + "MessageType"), "table", columns.stream().map(Parquet::field).toList());
    // Dehydrator.dehydrate(row, writer of values).
    Object rows =
        Proxy.newProxyInstance(
            dehydrator.getClassLoader(),
            new Class<?>[] {dehydrator},
            (proxy, method, arguments) -> {
              write((Row) arguments[0], columns, arguments[1]);
              return null;
            });
    try {
      Path folder = Files.createTempDirectory("parquet");
      Path file = folder.resolve("table.parquet");
      try {
        Object out = callStatic(writer, "writeFile", schema, file.toFile(), rows);
        listing.table().forEach(row -> call(out, "write", row));
        call(out, "close");
        return Files.readAllBytes(file);
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DlacException missing() {
    return new DlacException(
        "a Parquet file needs a library that is not on the class path",
        "blue.strategic.parquet:parquet-floor:2.3 or later",
        "./dlac fetch parquet, and start anew; in a notebook %maven"
            + " blue.strategic.parquet:parquet-floor:2.3; in a project of your own add that"
            + " coordinate to its dependencies; or save as .csv");
  }

  private static Object field(Column<?> column) {
    Object optional = constant(SCHEMA + "Type$Repetition", "OPTIONAL");
    String kind =
        column instanceof LongColumn
            ? "INT64"
            : column instanceof NumericColumn ? "DOUBLE" : "BINARY";
    Object primitive = constant(SCHEMA + "PrimitiveType$PrimitiveTypeName", kind);
    Class<?> type = type(SCHEMA + "PrimitiveType");
    return kind.equals("BINARY")
        ? construct(
            type, optional, primitive, column.name(), constant(SCHEMA + "OriginalType", "UTF8"))
        : construct(type, optional, primitive, column.name());
  }

  private static void write(Row row, List<Column<?>> columns, Object values) {
    for (Column<?> column : columns) {
      int at = row.getRowNumber();
      if (!column.isMissing(at)) {
        Object value =
            column instanceof LongColumn whole
                ? (Object) whole.getLong(at)
                : column instanceof NumericColumn<?> number
                    ? (Object) number.getDouble(at)
                    : column.getString(at);
        call(values, "write", column.name(), value);
      }
    }
  }
}
