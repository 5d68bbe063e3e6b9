package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.Dlac.*;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;

/** Analysis of points whose figures are given. */
class FrontTest {
  private static Point point(int number, Map<Metric, Double> figures, Level... levels) {
    return new Point(number, List.of(levels), Optional.empty(), figures, "");
  }

  private static Exploration of(List<Point> points, Axis... axes) {
    return new Exploration("s", List.of(axes), points, true, Map.of());
  }

  private static Exploration random(int seed, int count, Metric... metrics) {
    Random random = new Random(seed);
    List<Point> points = new ArrayList<>();
    for (int p = 1; p <= count; p++) {
      Map<Metric, Double> figures = new EnumMap<>(Metric.class);
      for (Metric metric : metrics) {
        // Few values, so that many are equal.
        figures.put(metric, (double) random.nextInt(12));
      }
      points.add(point(p, figures));
    }
    return of(points);
  }

  /** By definition: no other point is as good in all, and better in one. */
  private static List<Point> bruteForce(Exploration all, Metric... metrics) {
    return all.points().stream()
        .filter(
            a ->
                all.points().stream()
                    .noneMatch(
                        b -> {
                          boolean better = false;
                          for (Metric m : metrics) {
                            double gain = b.figure(m) - a.figure(m);
                            gain = m.higherIsBetter() ? gain : -gain;
                            if (gain < 0) {
                              return false;
                            }
                            better |= gain > 0;
                          }
                          return better;
                        }))
        .toList();
  }

  @Test
  void theFrontIsThatOfItsDefinition() {
    for (int seed = 0; seed < 200; seed++) {
      Exploration all = random(seed, 1 + seed % 60, CYCLES, SPEEDUP, AREA);

      assertThat(all.pareto(CYCLES, SPEEDUP).points())
          .containsExactlyInAnyOrderElementsOf(bruteForce(all, CYCLES, SPEEDUP));
      assertThat(all.pareto(AREA, CYCLES, SPEEDUP).points())
          .containsExactlyInAnyOrderElementsOf(bruteForce(all, CYCLES, SPEEDUP, AREA))
          .contains(all.pareto(AREA, CYCLES, SPEEDUP).knee());
    }
  }

  @Test
  void theKneeIsWhereBothAreNearTheirBest() {
    List<Point> points = new ArrayList<>();
    double[][] figures = {{0, 100}, {1, 40}, {2, 10}, {6, 5}, {10, 0}, {11, 50}};
    for (int p = 0; p < figures.length; p++) {
      points.add(point(p + 1, Map.of(CYCLES, figures[p][0], AREA, figures[p][1])));
    }

    Front front = of(points).pareto(CYCLES, AREA);

    assertThat(front.points()).extracting(Point::number).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(front.knee().number()).isEqualTo(3);
    assertThat(front.toString()).contains("5 of 6 points; knee: point 3");
  }

  @Test
  void theBestPointIsTheBestWithinItsBudgets() {
    Exploration all = random(4, 50, CYCLES, SPEEDUP, AREA);
    double budget = 4;

    Point best = all.best(CYCLES, atMost(AREA, budget), atLeast(SPEEDUP, 3));

    assertThat(best.figure(AREA)).isLessThanOrEqualTo(budget);
    assertThat(best.figure(SPEEDUP)).isGreaterThanOrEqualTo(3);
    assertThat(all.points())
        .filteredOn(p -> p.figure(AREA) <= budget && p.figure(SPEEDUP) >= 3)
        .allMatch(p -> p.figure(CYCLES) >= best.figure(CYCLES));
    assertThatThrownBy(() -> all.best(CYCLES, atMost(AREA, -1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("area at most -1.0000 mm2")
        .hasMessageContaining("the nearest has area 0.0000 mm2");
  }

  @Test
  void pointsWithinBudgetsHaveAFrontOfTheirOwn() {
    Exploration all = random(7, 60, CYCLES, SPEEDUP, AREA);

    Exploration cheap = all.within(atMost(AREA, 5), atLeast(SPEEDUP, 3));

    assertThat(cheap.points())
        .containsExactlyElementsOf(
            all.points().stream()
                .filter(p -> p.figure(AREA) <= 5 && p.figure(SPEEDUP) >= 3)
                .toList());
    assertThat(cheap.pareto(CYCLES, SPEEDUP).points())
        .containsExactlyInAnyOrderElementsOf(bruteForce(cheap, CYCLES, SPEEDUP));
    assertThat(cheap.excluded().values().stream().mapToInt(n -> n).sum())
        .isEqualTo(60 - cheap.points().size());
    assertThat(cheap.headline()).contains("left out by area at most 5.0000 mm2");
  }

  @Test
  void aFrontTakesTwoOrThreeDifferentMetrics() {
    Exploration all = random(1, 5, CYCLES, AREA);
    for (Metric[] metrics :
        new Metric[][] {{CYCLES}, {CYCLES, CYCLES}, {CYCLES, AREA, PES, SPEEDUP}}) {
      assertThatThrownBy(() -> all.pareto(metrics))
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("two or three metrics");
    }
  }

  @Test
  void whatComparesNothingIsRefused() {
    Exploration all = of(List.of(point(1, Map.of(CYCLES, 1.0))), over(window(1)));

    assertThatThrownBy(() -> all.heatmap("window", "window", CYCLES))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("window over itself");
    assertThatThrownBy(() -> atMost(AREA, Double.NaN))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("area (mm2) is NaN");
  }

  /** 10 a + 4 b + a b' over a in 0, 1, 2 and b in 0, 1, with b' = b - 1/2 and a' likewise. */
  @Test
  void sensitivityIsTheShareOfTheVarianceOfAnAdditivePart() {
    Axis a = over(window(1), window(2), window(3));
    Axis b = over(drainWidth(1), drainWidth(2));
    Axis idle = over(sync(0), sync(1));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 2; j++) {
        for (int k = 0; k < 2; k++) {
          double both = (i - 1) * (j - 0.5);
          points.add(
              point(
                  points.size() + 1,
                  Map.of(CYCLES, 10.0 * i + 4 * j + 3 * both),
                  a.levels().get(i),
                  b.levels().get(j),
                  idle.levels().get(k)));
        }
      }
    }
    // Variances of uniform values: of i 2/3, of j 1/4; of their product, which is orthogonal, 1/6.
    double ofA = 100 * 2 / 3.0;
    double ofB = 16 / 4.0;
    double ofBoth = 9 / 6.0;
    double total = ofA + ofB + ofBoth;

    Sensitivity sensitivity = of(points, a, b, idle).sensitivity(CYCLES);

    assertThat(sensitivity.exact()).isTrue();
    assertThat(sensitivity.effects())
        .extracting(Sensitivity.Effect::axis)
        .containsExactly("window", "drainWidth", "sync");
    assertThat(sensitivity.effects().get(0).share()).isCloseTo(ofA / total, within(1e-12));
    assertThat(sensitivity.effects().get(1).share()).isCloseTo(ofB / total, within(1e-12));
    assertThat(sensitivity.effects().get(2).share()).isCloseTo(0, within(1e-12));
    assertThat(sensitivity.interactions()).isCloseTo(ofBoth / total, within(1e-12));
  }

  @Test
  void aHeatMapHasTheMeanOverTheOtherAxes() {
    Axis a = over(window(1), window(2));
    Axis b = over(drainWidth(1), drainWidth(2));
    Axis c = over(sync(0), sync(1));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      for (int k = 0; k < 2; k++) {
        double cycles = 10 * i + k;
        points.add(
            point(
                points.size() + 1,
                Map.of(CYCLES, cycles),
                a.levels().get(i),
                b.levels().get(0),
                c.levels().get(k)));
      }
    }

    assertThat(of(points, a, b, c).heatmap("window", "drainWidth", CYCLES).values())
        .isEqualTo(List.of(List.of(0.5, 10.5), List.of(Double.NaN, Double.NaN)));
  }

  @Test
  void aLineOfParallelCoordinatesIsAPointAndNoneIsJoinedWithTheNext() {
    Axis a = over(window(1), window(2), window(4));
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      points.add(point(i + 1, Map.of(CYCLES, 100.0 - i), a.levels().get(i)));
    }

    var chart = of(points, a).parallelCoordinates(CYCLES);

    var drawn = chart.lines().stream().flatMap(line -> line.points().stream()).toList();
    assertThat(drawn.stream().filter(p -> !Double.isNaN(p.y())).map(p -> List.of(p.x(), p.y())))
        .containsExactlyInAnyOrder(
            List.of(0.0, 0.0),
            List.of(1.0, 1.0),
            List.of(0.0, 0.5),
            List.of(1.0, 0.5),
            List.of(0.0, 1.0),
            List.of(1.0, 0.0));
    assertThat(drawn).filteredOn(p -> Double.isNaN(p.y())).hasSize(3);
    assertThat(chart.marks()).extracting(m -> m.label()).containsExactly("window", "cycles");
  }

  @Test
  void aPointWithoutAFigureIsNoneOfThoseThatAreComparedByIt() {
    Axis window = over(window(1), window(2), window(4));
    List<Level> levels = window.levels();
    Exploration all =
        of(
            List.of(
                point(1, Map.of(CYCLES, 1.0, ACCURACY, Double.NaN), levels.get(0)),
                point(2, Map.of(CYCLES, 2.0, ACCURACY, 0.5), levels.get(1)),
                point(3, Map.of(CYCLES, 3.0, ACCURACY, 0.75), levels.get(2))),
            window);

    assertThat(all.pareto(CYCLES, ACCURACY).points())
        .extracting(Point::number)
        .containsExactly(2L, 3L);
    assertThat(all.best(ACCURACY).number()).isEqualTo(3);
    assertThat(all.ranked(ACCURACY)).extracting(Point::number).containsExactly(3L, 2L);
    assertThat(all.best(CYCLES, atLeast(ACCURACY, 0)).number()).isEqualTo(2);
    assertThat(all.sensitivity(ACCURACY).effects().get(0).share()).isCloseTo(1, within(1e-12));
    assertThat(all.sensitivity(ACCURACY).exact()).isFalse();
    assertThat(all.scatter(CYCLES, ACCURACY).toString()).doesNotContain("NaN");
  }

  @Test
  void whoComparesByAnAccuracyThatNobodyMeasuredIsToldSo() {
    Axis window = over(window(1));
    Axis sync = over(sync(1));
    Exploration all =
        of(
            List.of(
                point(
                    1,
                    Map.of(CYCLES, 1.0, ACCURACY, Double.NaN),
                    window.levels().get(0),
                    sync.levels().get(0))),
            window,
            sync);

    for (ThrowingCallable asks :
        List.<ThrowingCallable>of(
            () -> all.pareto(CYCLES, ACCURACY),
            () -> all.best(ACCURACY),
            () -> all.best(CYCLES, atLeast(ACCURACY, 0.5)),
            () -> all.within(atLeast(ACCURACY, 0.5)),
            () -> all.ranked(ACCURACY),
            () -> all.sensitivity(ACCURACY),
            () -> all.scatter(CYCLES, ACCURACY),
            () -> all.parallelCoordinates(ACCURACY),
            () -> all.heatmap("window", "sync", ACCURACY))) {
      assertThatThrownBy(asks)
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("no point of sweep \"s\" has accuracy")
          .hasMessageContaining("add accuracy(trained)");
    }
  }

  @Test
  void aFigureThatIsTheSameEverywhereHasNothingToExplain() {
    Axis window = over(window(1), window(2), window(4));
    List<Point> points = new ArrayList<>();
    for (int p = 0; p < 3; p++) {
      // The mean of three such numbers is another one.
      points.add(point(p + 1, Map.of(AREA, 0.1), window.levels().get(p)));
    }

    assertThatThrownBy(() -> of(points, window).sensitivity(AREA))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("all 3 points have the same area");
    assertThatThrownBy(() -> of(List.of(), window).sensitivity(AREA))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("sweep \"s\" has no point with figures");
  }
}
