package org.dlaclab.shell;

import java.io.PrintStream;

final class Doctor {
  private Doctor() {}

  static int run(PrintStream out) {
    out.println();
    return 0;
  }
}
