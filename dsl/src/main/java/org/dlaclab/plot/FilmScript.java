package org.dlaclab.plot;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Html;

/** A film with its player, which needs nothing but a browser. */
final class FilmScript {
  /** Digits of a share, from 0 to 1: an odd number, so that a half is one of them. */
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxy";

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]+");

  private FilmScript() {}

  static String fragment(Film film, String id, String picture) {
    if (!ID.matcher(id).matches()) {
      throw new DlacException(
          "the id \"" + id + "\" of a film is not usable",
          "letters, digits and hyphens",
          "write film1");
    }
    return "<div class=\"dlac-film\" data-dlac-film=\""
        + id
        + "\" role=\"figure\" aria-label=\""
        + Html.escape(film.title())
        + "\">\n"
        + picture
        + "\n</div>\n<script>\n"
        + source()
            .replaceFirst("^//.*\\R", "")
            .replace("$ID", id)
            // Last, since its captions may hold any of these words.
            .replace("$FILM", Plotly.scriptSafe(json(film)))
        + "</script>";
  }

  private static String source() {
    try (InputStream in =
        Objects.requireNonNull(FilmScript.class.getResourceAsStream("film.js"), "film.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The film as the script reads it. */
  static String json(Film film) {
    ObjectNode tree = PlotlyJson.JSON.createObjectNode();
    tree.put("title", film.title()).put("subtitle", film.subtitle());
    tree.put("cell", film.cell()).put("rows", film.rows()).put("columns", film.columns());
    film.states().forEach(tree.putArray("states")::add);
    IntStream.range(0, film.states().size())
        .mapToObj(Palette::hex)
        .forEach(tree.putArray("colors")::add);
    tree.put("digits", DIGITS);
    tree.put("shown", film.frames().indexOf(film.shown()));
    ArrayNode frames = tree.putArray("frames");
    for (Film.Frame frame : film.frames()) {
      ObjectNode node = frames.addObject();
      node.put("line", film.line(frame)).put("length", frame.length());
      ArrayNode means = node.putArray("means");
      ArrayNode spent = node.putArray("spent");
      for (int s = 0; s < film.states().size(); s++) {
        means.add(Math.round(1e4 * frame.mean(s)) / 1e4);
        spent.add(shares(frame, frame.spent().get(s)));
      }
    }
    return PlotlyJson.write(tree);
  }

  /** A digit per cell, or one for all of them. */
  private static String shares(Film.Frame frame, List<Integer> spent) {
    List<Integer> cells = new ArrayList<>(spent);
    if (cells.stream().distinct().count() == 1) {
      cells.subList(1, cells.size()).clear();
    }
    StringBuilder digits = new StringBuilder();
    for (int time : cells) {
      double share = (double) time / frame.length();
      digits.append(DIGITS.charAt((int) Math.round(share * (DIGITS.length() - 1))));
    }
    return digits.toString();
  }
}
