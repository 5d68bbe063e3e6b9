package org.dlaclab.plot;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.dlaclab.error.Check;
import org.dlaclab.error.DlacException;
import org.dlaclab.table.Html;
import org.dlaclab.table.Output;

/**
 * What each cell of a grid did over time, frame by frame: to be played, or looked at with a slider.
 * Without a script, and in a file of a picture, it is the course of time and one frame.
 *
 * @param title what it shows
 * @param subtitle of what; may be empty
 * @param cell what a cell is, such as {@code PE}
 * @param unit what time is counted in, such as {@code cycle}
 * @param rows cells down
 * @param columns cells to the right
 * @param states what a cell can spend its time with, all different; their colours are those of a
 *     chart's series in this order
 * @param frames at least one, each beginning where the one before it ends
 */
public record Film(
    String title,
    String subtitle,
    String cell,
    String unit,
    int rows,
    int columns,
    List<String> states,
    List<Frame> frames)
    implements Block {

  /**
   * Some time.
   *
   * @param caption what goes on
   * @param from when it begins
   * @param length how long it is; 1 or more
   * @param spent for each state, how much of the length each cell spent with it, row by row; over
   *     all states, each cell's parts add up to the length
   */
  public record Frame(String caption, long from, int length, List<List<Integer>> spent) {
    public Frame {
      spent = spent.stream().map(List::copyOf).toList();
    }

    /** The time after it. */
    public long end() {
      return from + length;
    }

    /** The mean share of the time that cells spent with a state, 0 to 1. */
    double mean(int state) {
      List<Integer> cells = spent.get(state);
      return cells.stream().mapToLong(Integer::longValue).sum() / ((double) length * cells.size());
    }

    /** Whether some cell differs from another one. */
    boolean isMixed() {
      return spent.stream().anyMatch(cells -> cells.stream().distinct().count() > 1);
    }
  }

  /**
   * @throws DlacException if there is no frame, if frames do not follow on each other, or if a
   *     cell's time does not add up
   */
  public Film {
    Check.positive("the rows of a film", rows);
    Check.positive("the columns of a film", columns);
    states = List.copyOf(states);
    frames = List.copyOf(frames);
    if (frames.isEmpty()) {
      throw new DlacException(
          "film \"" + title + "\" has no frame", "at least one frame", "give it a frame");
    }
    long next = frames.get(0).from();
    for (Frame frame : frames) {
      check(title, frame, next, states.size(), rows * columns);
      next = frame.end();
    }
  }

  private static void check(String title, Frame frame, long from, int states, int cells) {
    boolean whole =
        frame.from() == from
            && frame.length() > 0
            && frame.spent().size() == states
            && frame.spent().stream().allMatch(spent -> spent.size() == cells);
    for (int c = 0; whole && c < cells; c++) {
      int sum = 0;
      for (List<Integer> spent : frame.spent()) {
        whole &= spent.get(c) >= 0;
        sum += spent.get(c);
      }
      whole &= sum == frame.length();
    }
    if (!whole) {
      throw new DlacException(
          "the frame at " + frame.from() + " of film \"" + title + "\" does not add up",
          "frames one after another, and in each, for each of "
              + cells
              + " cells, a time per state, together as long as the frame",
          "check the times");
    }
  }

  /** The frame that a picture shows: the first one in which cells differ. */
  Frame shown() {
    return frames.stream().filter(Frame::isMixed).findFirst().orElse(frames.get(0));
  }

  /** For example {@code cycles 120 to 126: forward, tiles 2 of 14}. */
  String line(Frame frame) {
    String when =
        frame.length() == 1
            ? unit + " " + frame.from()
            : unit + "s " + frame.from() + " to " + (frame.end() - 1);
    return when + (frame.caption().isEmpty() ? "" : ": " + frame.caption());
  }

  /** A page with the film that needs no network. */
  public String html() {
    return Html.document(title, fragment("film", Picture.inline(new FilmDrawing(this), title)));
  }

  /**
   * The film for a page or an output.
   *
   * @param id unique among films of the page: letters, digits and hyphens
   * @param picture HTML that stays where no script runs
   */
  public String fragment(String id, String picture) {
    return FilmScript.fragment(this, id, picture);
  }

  /** The static picture as SVG. */
  public String svg() {
    return Picture.svg(new FilmDrawing(this), title);
  }

  /** The static picture as pixels, two for each unit of the SVG in both directions. */
  public BufferedImage image() {
    return Picture.image(new FilmDrawing(this));
  }

  /**
   * Writes the film (.html), its picture (.svg, .png) or its text (.txt).
   *
   * @return {@code file}
   * @throws DlacException if the ending is another, or the file cannot be written
   */
  public Path save(Path file) {
    SortedMap<String, Supplier<byte[]>> forms = new TreeMap<>();
    forms.put(".svg", Output.utf8(this::svg));
    forms.put(".png", () -> Png.of(image()));
    forms.put(".html", Output.utf8(this::html));
    forms.put(".txt", Output.utf8(() -> this + "\n"));
    return Output.save(file, forms);
  }

  /** As {@link #save(Path)}. */
  public Path save(String file) {
    return save(Path.of(file));
  }

  /** The film as text, 100 columns wide. */
  @Override
  public String toString() {
    return text(Chart.TEXT_COLUMNS);
  }

  /**
   * A line per state: how high it stands is the share of cells' time in it, time runs to the right.
   *
   * @param width of the terminal, at least 40
   */
  public String text(int width) {
    Check.atLeast("columns", width, TextBars.LEAST_COLUMNS);
    int names = states.stream().mapToInt(String::length).max().orElse(0);
    int room = Math.min(frames.size(), width - names - 1);
    StringBuilder text = new StringBuilder(title);
    if (!subtitle.isBlank()) {
      text.append('\n').append(subtitle);
    }
    text.append('\n').append(unit).append("s ").append(frames.get(0).from()).append(" to ");
    text.append(frames.get(frames.size() - 1).end() - 1).append(", ").append(rows).append(" x ");
    text.append(columns).append(' ').append(cell).append('s');
    for (int s = 0; s < states.size(); s++) {
      text.append('\n').append(states.get(s)).append(" ".repeat(names - states.get(s).length()));
      text.append(' ');
      for (int c = 0; c < room; c++) {
        text.append(level(s, frames.size() * c / room, frames.size() * (c + 1) / room));
      }
    }
    return text.toString();
  }

  private char level(int state, int from, int to) {
    double spent = 0;
    double all = 0;
    for (Frame frame : frames.subList(from, to)) {
      spent += frame.mean(state) * frame.length();
      all += frame.length();
    }
    return spent == 0 ? ' ' : "▁▂▃▄▅▆▇█".charAt((int) Math.min(7, 8 * spent / all));
  }
}
