package org.dlaclab.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SearchTest {
  private static final Network NET =
      network(
          "net",
          ifm(5, 8, 8),
          conv("a", filters(20), kernel(3)),
          relu(),
          conv("b", filters(9), kernel(2)),
          relu(),
          conv("c", filters(12), kernel(1)));
  private static final Setting BASE =
      new Setting(
          NET,
          policy("p", weights(bits(8))),
          grid("dlac", pes(2, 2), tile(2, 4), lanes(4), multipliers(1)),
          seed(3),
          inference());

  /** As if each ternary layer cost a tenth, but the first one three tenths. */
  private static double accuracyOf(Policy policy) {
    var quantizers = policy.assign(NET);
    double accuracy = 0.95;
    for (String layer : List.of("a", "b", "c")) {
      if (ternary().equals(quantizers.get(layer))) {
        accuracy -= layer.equals("a") ? 0.3 : 0.1;
      }
    }
    return accuracy;
  }

  private static Exploration explore(Sweep.Option... options) {
    return Sweep.of(
            "co-design",
            BASE,
            Stream.concat(
                    Stream.of(
                        perLayer(ternary(), bits(8)),
                        over(pes(1, 1), pes(1, 2), pes(2, 2), pes(2, 4)),
                        over(window(1), window(2), window(4)),
                        accuracy("made up", SearchTest::accuracyOf)),
                    Stream.of(options))
                .toArray(Sweep.Option[]::new))
        .run();
  }

  private static List<List<Double>> figures(Exploration sweep) {
    return sweep.pareto(CYCLES, ACCURACY).points().stream()
        .map(p -> List.of(p.figure(CYCLES), p.figure(ACCURACY)))
        .distinct()
        .toList();
  }

  @Test
  void itFindsTheFrontOfAllCombinationsAndLooksAtFewer() {
    Exploration all = explore();
    assertThat(all.points()).hasSize(96).allMatch(Point::succeeded);
    for (long seed = 1; seed <= 5; seed++) {
      Exploration found = explore(evolution(12, 25, seed, List.of(CYCLES, ACCURACY)));

      assertThat(found.points()).hasSizeLessThan(75);
      assertThat(figures(found)).isEqualTo(figures(all));
    }
  }

  @Test
  @Timeout(60)
  void aSearchOfFewCombinationsFindsThemAllAndEnds() {
    Axis two = over(window(2), window(4));
    Axis one = over(drainWidth(2));
    for (List<Axis> axes : List.of(List.of(one), List.of(two), List.of(one, two))) {
      for (long seed = 1; seed <= 30; seed++) {
        List<Sweep.Option> options = new ArrayList<>(axes);
        options.add(evolution(4, 10, seed, List.of(CYCLES, AREA)));

        Sweep sweep = Sweep.of("few", BASE, options.toArray(new Sweep.Option[0]));

        assertThat(sweep.run().points())
            .as("seed %d of %s", seed, sweep)
            .hasSize(sweep.combinations().intValueExact());
      }
    }
  }

  @Test
  void theGenerationsOfASearchShareOneConnection() {
    List<String> calls = new ArrayList<>();
    Cluster cluster =
        new Cluster() {
          @Override
          public void run(Work work) {
            throw new AssertionError("not connected");
          }

          @Override
          public Connection connect() {
            calls.add("connect");
            return new Connection() {
              @Override
              public void run(Work work) {
                calls.add("run");
                HERE.run(work);
              }

              @Override
              public void close() {
                calls.add("close");
              }
            };
          }
        };
    Sampling search = evolution(4, 3, 1, List.of(CYCLES, ACCURACY));

    assertThat(explore(search, new Sweep.On(cluster))).isEqualTo(explore(search));

    assertThat(calls).startsWith("connect", "run", "run").endsWith("close");
    assertThat(calls).containsOnlyOnce("connect", "close");
  }

  @Test
  void aSeedDecidesTheSearch() {
    Sampling search = evolution(8, 4, 11, List.of(CYCLES, ACCURACY));

    Exploration first = explore(search);

    assertThat(first.points()).hasSizeBetween(8, 40);
    assertThat(explore(search)).isEqualTo(first);
    assertThat(explore(evolution(8, 4, 12, List.of(CYCLES, ACCURACY)))).isNotEqualTo(first);
  }

  @Test
  void itIsDrawnToWhatIsWithinTheBudgets() {
    Exploration all = explore();
    Limit[] budgets = {atLeast(ACCURACY, 0.8), atMost(PES, 4)};

    Exploration found = explore(evolution(12, 15, 5, List.of(CYCLES, AREA), budgets));

    assertThat(found.best(CYCLES, budgets).figure(CYCLES))
        .isEqualTo(all.best(CYCLES, budgets).figure(CYCLES));
    assertThat(found.best(AREA, budgets).figure(AREA))
        .isEqualTo(all.best(AREA, budgets).figure(AREA));
  }

  @Test
  void aPolicyIsMeasuredOnce() {
    List<String> asked = new ArrayList<>();
    Sweep.of(
            "s",
            BASE,
            perLayer(ternary(), bits(8)),
            over(window(1), window(2), window(4)),
            accuracy(
                "counted",
                policy -> {
                  asked.add(policy.toJson());
                  return accuracyOf(policy);
                }),
            evolution(10, 8, 1, List.of(CYCLES, ACCURACY)))
        .run();

    assertThat(asked).isNotEmpty().doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void combinationsBeyondCountingCanBeSearched() {
    Setting resnet = new Setting(zoo("resnet50"), BASE.policy(), BASE.grid(), seed(1), inference());
    Sweep.Option layers = perLayer(ternary(), bits(4), bits(8));
    List<Setting> looked = new ArrayList<>();
    Sweep search =
        Sweep.of(
            "s",
            resnet,
            layers,
            where("never", p -> !looked.add(p)),
            evolution(4, 1, 1, List.of(CYCLES, AREA)));

    assertThat(search.axes()).hasSize(54);
    assertThatThrownBy(search::run)
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("no combination of sweep \"s\" is left: {never=4}");
    assertThat(looked).hasSize(4);
    for (Sampling sample : List.of(randomSample(3, 1), latinHypercube(3, 1))) {
      assertThatThrownBy(() -> Sweep.of("s", resnet, layers, sample).run())
          .isInstanceOf(DlacException.class)
          .hasMessageContaining("fewer than 2^63")
          .hasMessageContaining("evolution");
    }
  }

  @Test
  void aSearchGoesOnFromItsStore(@TempDir Path folder) throws Exception {
    Sweep.Option kept = store(folder.resolve("search.jsonl").toString());
    Sampling search = evolution(8, 4, 11, List.of(CYCLES, ACCURACY));
    Exploration first = explore(search, kept);
    int lines = Files.readAllLines(folder.resolve("search.jsonl")).size();

    assertThat(explore(search, kept)).isEqualTo(first);
    assertThat(Files.readAllLines(folder.resolve("search.jsonl"))).hasSize(lines);
  }

  @Test
  void aSearchVariesSomething() {
    assertThatThrownBy(() -> Sweep.of("s", BASE, evolution(4, 5, 1, List.of(CYCLES, AREA))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("searches, and varies nothing");
  }

  @Test
  void whoSearchesByAccuracySaysHowItIsMeasured() {
    assertThatThrownBy(
            () ->
                Sweep.of("s", BASE, over(window(1)), evolution(4, 1, 1, List.of(CYCLES, ACCURACY))))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("searches by ACCURACY")
        .hasMessageContaining("accuracy(trained)");
  }
}
