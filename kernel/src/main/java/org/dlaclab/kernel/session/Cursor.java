package org.dlaclab.kernel.session;

import com.google.gson.JsonObject;

/** Positions in code: Jupyter counts code points, Java counts UTF-16 units. */
final class Cursor {
  private Cursor() {}

  /**
   * The position in UTF-16 units that a request names; the end of the code if it names none, or one
   * beyond.
   */
  static int units(String code, JsonObject request) {
    int points = code.codePointCount(0, code.length());
    int asked = Json.number(request, "cursor_pos", points);
    return code.offsetByCodePoints(0, Math.max(0, Math.min(asked, points)));
  }

  /** A position in code points. */
  static int points(String code, int units) {
    return code.codePointCount(0, Math.max(0, Math.min(units, code.length())));
  }
}
