package org.dlaclab.plot;

import org.dlaclab.plot.Canvas.Anchor;

/** The picture of a film: the course of time, and below it one frame. */
final class FilmDrawing implements Drawing {
  private static final double COURSE = 70;
  private static final double LARGEST_CELL = 40;
  private static final double LEAST_CELL = 3;

  private final Film film;
  private final Film.Frame shown;
  private final Header header;
  private final double cell;

  FilmDrawing(Film film) {
    this.film = film;
    shown = film.shown();
    cell = Math.max(LEAST_CELL, Math.min(LARGEST_CELL, PLOT_WIDTH / film.columns()));
    header = Header.of(film.title(), film.subtitle(), film.states(), "", width());
  }

  @Override
  public double width() {
    return Math.ceil(2 * PAD + Math.max(PLOT_WIDTH, cell * film.columns()));
  }

  @Override
  public double height() {
    return Math.ceil(gridTop() + cell * film.rows() + PAD);
  }

  private double gridTop() {
    return header.height() + COURSE + 52;
  }

  @Override
  public void paint(Canvas canvas) {
    header.paint(canvas, (on, state, x, y) -> on.fill(x, y, 11, 11, Palette.color(state)));
    course(canvas, header.height());
    canvas.text(
        PAD, gridTop() - 10, Anchor.START, 0, SMALL, INK, film.line(shown) + " (one frame)");
    double gap = cell > 8 ? 1 : 0;
    for (int c = 0; c < film.rows() * film.columns(); c++) {
      double x = PAD + cell * (c % film.columns());
      double below = gridTop() + cell * (c / film.columns() + 1) - gap;
      for (int s = 0; s < film.states().size(); s++) {
        double share = (double) shown.spent().get(s).get(c) / shown.length();
        double height = (cell - gap) * share;
        if (height > 0) {
          canvas.fill(x, below - height, cell - gap, height, Palette.color(s));
        }
        below -= height;
      }
    }
  }

  /** How the cells' time is parted, frame by frame. */
  private void course(Canvas canvas, double top) {
    long from = film.frames().get(0).from();
    long end = film.frames().get(film.frames().size() - 1).end();
    double perTime = PLOT_WIDTH / (end - from);
    for (Film.Frame frame : film.frames()) {
      double x = PAD + perTime * (frame.from() - from);
      double below = top + COURSE;
      for (int s = 0; s < film.states().size(); s++) {
        double height = COURSE * frame.mean(s);
        if (height > 0) {
          canvas.fill(x, below - height, perTime * frame.length() + 0.1, height, Palette.color(s));
        }
        below -= height;
      }
    }
    double marked = PAD + perTime * (shown.from() - from + shown.length() / 2.0);
    canvas.line(marked, top - 4, marked, top + COURSE + 4, INK, 1.2, false);
    double y = top + COURSE + 15;
    canvas.text(PAD, y, Anchor.START, 0, SMALL, SOFT, film.unit() + " " + from);
    canvas.text(PAD + PLOT_WIDTH, y, Anchor.END, 0, SMALL, SOFT, String.valueOf(end - 1));
  }
}
