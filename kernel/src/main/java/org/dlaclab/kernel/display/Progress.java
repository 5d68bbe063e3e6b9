package org.dlaclab.kernel.display;

import java.util.Locale;

/**
 * How far work is at one moment.
 *
 * @param total steps, or -1
 * @param nanos since it began
 */
record Progress(String what, long done, long total, long nanos, String message, Stage stage) {
  enum Stage {
    RUNNING,
    COMPLETE,
    STOPPED
  }

  Bundle bundle() {
    return Bundle.text(line());
  }

  String line() {
    return String.format(Locale.ROOT, "%s: %,d of %,d", what, done, total);
  }
}
