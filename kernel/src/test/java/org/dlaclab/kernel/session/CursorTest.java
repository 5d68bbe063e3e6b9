package org.dlaclab.kernel.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Positions in code points and in UTF-16 units. */
class CursorTest {
  private static JsonObject at(Object position) {
    return Json.object("cursor_pos", position);
  }

  @Test
  void aPositionIsWhereThatManyCodePointsEnd() {
    for (long seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      int[] points =
          random
              .ints(random.nextInt(30), 0, 3)
              .map(kind -> kind == 0 ? 0x1F680 : kind == 1 ? 'x' : 0x00FC)
              .toArray();
      String code = new String(points, 0, points.length);
      for (int p = 0; p <= points.length; p++) {
        String before = new String(points, 0, p);
        int units = Cursor.units(code, at(p));
        assertThat(code.substring(0, units)).as("seed " + seed).isEqualTo(before);
        assertThat(Cursor.points(code, units)).as("seed " + seed).isEqualTo(p);
      }
    }
  }

  @Test
  void withoutAPositionItIsTheEnd() {
    assertThat(Cursor.units("ab\uD83D\uDE80", new JsonObject())).isEqualTo(4);
    assertThat(Cursor.units("ab\uD83D\uDE80", at("no number"))).isEqualTo(4);
  }

  @Test
  void aPositionOutsideIsTheNearestInside() {
    assertThat(Cursor.units("ab\uD83D\uDE80", at(99))).isEqualTo(4);
    assertThat(Cursor.units("ab", at(-1))).isZero();
    assertThat(Cursor.points("ab", 99)).isEqualTo(2);
    assertThat(Cursor.points("ab", -1)).isZero();
  }
}
