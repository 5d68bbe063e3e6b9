package org.dlaclab.kernel.display;

import java.util.Locale;

/**
 * How far work is at one moment.
 *
 * @param total steps, or -1
 * @param nanos since it began
 */
record Progress(String what, long done, long total, long nanos, String message, Stage stage) {
  private static final int BAR = 20;

  enum Stage {
    RUNNING,
    COMPLETE,
    STOPPED
  }

  Bundle bundle() {
    return Bundle.text(line(Integer.MAX_VALUE)).with("text/html", html());
  }

  /** One line of text, no longer than that: the bar goes first, then the end of the message. */
  String line(int longest) {
    String line = line(true);
    if (line.length() > longest) {
      line = line(false);
    }
    return line.length() > longest ? line.substring(0, Math.max(0, longest - 3)) + "..." : line;
  }

  private String line(boolean bar) {
    StringBuilder line = new StringBuilder(what).append(": ");
    if (stage == Stage.RUNNING && total >= 0) {
      int filled = (int) (fraction() * BAR);
      if (bar) {
        line.append('[').append("#".repeat(filled)).append("-".repeat(BAR - filled)).append("] ");
      }
      line.append(percent()).append("%, ");
    }
    line.append(numbers());
    if (!message.isEmpty()) {
      line.append(", ").append(message.replaceAll("\\s+", " "));
    }
    return line.toString();
  }

  /** Done, total, rate, time taken, time left. */
  private String numbers() {
    String numbers = stage == Stage.STOPPED ? "stopped at " : "";
    numbers += String.format(Locale.ROOT, "%,d", done);
    numbers += total < 0 ? "" : String.format(Locale.ROOT, " of %,d", total);
    if (done > 0 && nanos > 0) {
      numbers += ", " + rate(done / (nanos / 1e9));
    }
    numbers += ", " + time(nanos / 1e9);
    if (stage == Stage.RUNNING && done > 0 && done < total) {
      numbers += ", " + left(nanos / 1e9 * (total - done) / done) + " left";
    }
    return numbers;
  }

  private double fraction() {
    return total == 0 ? 1 : Math.min(1, (double) done / total);
  }

  /** Rounded down: 100 % is reached when all is done. */
  private int percent() {
    return (int) Math.floor(fraction() * 100 + 1e-9);
  }

  /** Steps a second; seconds a step where it takes long. */
  static String rate(double perSecond) {
    if (perSecond < 1) {
      double seconds = 1 / perSecond;
      return seconds < 60
          ? String.format(Locale.ROOT, "%.1f s each", seconds)
          : time(seconds) + " each";
    }
    String[] units = {"", " k", " M", " G", " T"};
    int unit = 0;
    double rate = perSecond;
    while (rate >= 999.5 && unit < units.length - 1) {
      rate /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, rate < 99.95 ? "%.1f%s/s" : "%.0f%s/s", rate, units[unit]);
  }

  /** An estimate, no finer than it can be: {@code 0:44}, {@code 1 h 12 min}, {@code 2 d 3 h}. */
  static String left(double seconds) {
    if (seconds < 3_600 || seconds >= 1e9) {
      return time(seconds);
    }
    long minutes = Math.round(seconds / 60);
    return minutes < 1_440
        ? minutes / 60 + " h " + minutes % 60 + " min"
        : Math.round(minutes / 60.0) / 24 + " d " + Math.round(minutes / 60.0) % 24 + " h";
  }

  /** {@code 0:07}, {@code 1:02:03}, {@code 2 d 03:00:00}. */
  static String time(double seconds) {
    if (seconds >= 1e9) {
      return "years";
    }
    long whole = Math.round(seconds);
    long days = whole / 86_400;
    long hours = whole / 3_600 % 24;
    long minutes = whole / 60 % 60;
    long rest = whole % 60;
    if (days > 0) {
      return String.format(Locale.ROOT, "%d d %02d:%02d:%02d", days, hours, minutes, rest);
    }
    return hours > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, minutes, rest)
        : String.format(Locale.ROOT, "%d:%02d", minutes, rest);
  }

  /**
   * Only what a sanitizer leaves alone, and no colour for text, so that it reads on any background.
   * Without any style it is a line of text.
   */
  private String html() {
    String colour =
        switch (stage) {
          case RUNNING -> "#2f80ed";
          case COMPLETE -> "#2e9e5b";
          case STOPPED -> "#e08a1e";
        };
    boolean known = total >= 0;
    String width = known ? String.format(Locale.ROOT, "%.1f%%", fraction() * 100) : "100%";
    String opacity = known || stage != Stage.RUNNING ? "1" : "0.45";
    String middle = "display:inline-block;vertical-align:middle;";
    return "<div style=\"margin:4px 0;line-height:1.6\">"
        + "<span style=\""
        + middle
        + "font-weight:600;margin-right:10px\">"
        + Html.escape(what)
        + " </span><span role=\"progressbar\" "
        + (known ? "aria-valuenow=\"" + percent() + "\" " : "")
        + "style=\""
        + middle
        + "width:220px;height:8px;border-radius:4px;overflow:hidden;margin-right:10px;"
        + "background-color:rgba(128,128,128,0.28)\"><span style=\"display:block;height:8px;"
        + "border-radius:4px;opacity:"
        + opacity
        + ";width:"
        + width
        + ";background-color:"
        + colour
        + "\"></span></span>"
        + (known
            ? "<span style=\"" + middle + "margin-right:10px\">" + percent() + "% </span>"
            : "")
        + "<span style=\""
        + middle
        + "opacity:0.75;font-variant-numeric:tabular-nums\">"
        + numbers().replace(", ", " · ")
        + "</span>"
        + (message.isEmpty()
            ? ""
            : "<span style=\"" + middle + "margin-left:10px\"> " + Html.escape(message) + "</span>")
        + "</div>";
  }
}
