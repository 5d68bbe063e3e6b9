package org.dlaclab.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dlaclab.error.Refusals.assertRefused;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.dlaclab.grid.Grid.Arithmetic;
import org.dlaclab.grid.Grid.BlockSize;
import org.dlaclab.grid.Grid.Clock;
import org.dlaclab.grid.Grid.Costs;
import org.dlaclab.grid.Grid.DoubleBuffer;
import org.dlaclab.grid.Grid.Drain;
import org.dlaclab.grid.Grid.Dram;
import org.dlaclab.grid.Grid.Filters;
import org.dlaclab.grid.Grid.IfmBuffer;
import org.dlaclab.grid.Grid.Lanes;
import org.dlaclab.grid.Grid.Loops;
import org.dlaclab.grid.Grid.Multipliers;
import org.dlaclab.grid.Grid.OfmEntries;
import org.dlaclab.grid.Grid.Pes;
import org.dlaclab.grid.Grid.Skipping;
import org.dlaclab.grid.Grid.Stored;
import org.dlaclab.grid.Grid.Sync;
import org.dlaclab.grid.Grid.Tile;
import org.dlaclab.grid.Grid.WeightBuffer;
import org.dlaclab.grid.Grid.Window;
import org.dlaclab.tech.ProcessNode;
import org.dlaclab.tech.Technology;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.BytesPerSecond;
import org.dlaclab.unit.Hertz;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GridTest {
  private static final Grid PLAIN = Grid.of("plain", new Pes(16, 32));

  /** An option of each kind, none of them at its default. */
  private static List<Grid.Option> everything() {
    return List.of(
        new Pes(3, 5),
        new Lanes(4),
        new Multipliers(2),
        new Tile(2, 8),
        new OfmEntries(48),
        new Window(5),
        new BlockSize(128),
        new Sync(0),
        new Skipping(Skip.WEIGHTS),
        new Filters(FilterOrder.DENSITY_SORTED),
        new Loops(LoopOrder.COLS_OUTER),
        new Drain(2),
        new DoubleBuffer(false),
        new Clock(Hertz.giga(1)),
        new WeightBuffer(Bytes.kibi(8)),
        new IfmBuffer(Bytes.kibi(16)),
        new Dram(BytesPerSecond.giga(12.8)),
        new Stored(Storage.BITMASK),
        new Arithmetic(Precision.FP16),
        new Costs(Technology.of(ProcessNode.NM_7)));
  }

  private static Grid of(List<Grid.Option> options) {
    return Grid.of("full", options.toArray(new Grid.Option[0]));
  }

  @Nested
  class Defaults {
    @Test
    void areThoseOfTheMachineModel() {
      assertThat(PLAIN)
          .isEqualTo(
              new Grid(
                  "plain",
                  new Pes(16, 32),
                  1,
                  1,
                  new Tile(4, 16),
                  64,
                  8,
                  64,
                  1,
                  Skip.BOTH,
                  FilterOrder.NATURAL,
                  LoopOrder.ROWS_OUTER,
                  1,
                  true,
                  Hertz.mega(500),
                  new Bytes(32 * 1024),
                  new Bytes(64 * 1024),
                  BytesPerSecond.INFINITE,
                  Storage.DENSE,
                  Precision.FP32,
                  Technology.of(ProcessNode.NM_14)));
    }

    @Test
    void onlyTheNumberOfPesHasNone() {
      assertRefused(() -> Grid.of("g", new Lanes(2)), "grid \"g\" has no number of PEs", "pes(");
    }
  }

  @Nested
  class With {
    @Test
    void everyOptionSetsItsParameter() {
      assertThat(of(everything()))
          .isEqualTo(
              new Grid(
                  "full",
                  new Pes(3, 5),
                  4,
                  2,
                  new Tile(2, 8),
                  48,
                  5,
                  128,
                  0,
                  Skip.WEIGHTS,
                  FilterOrder.DENSITY_SORTED,
                  LoopOrder.COLS_OUTER,
                  2,
                  false,
                  Hertz.giga(1),
                  new Bytes(8 * 1024),
                  new Bytes(16 * 1024),
                  new BytesPerSecond(12.8e9),
                  Storage.BITMASK,
                  Precision.FP16,
                  Technology.of(ProcessNode.NM_7)));
    }

    @Test
    void thereIsAnOptionForEveryParameterButTheName() {
      assertThat(everything()).hasSize(Grid.class.getRecordComponents().length - 1);
      assertThat(everything().stream().map(Object::getClass).distinct())
          .containsExactlyInAnyOrder(Grid.Option.class.getPermittedSubclasses());
    }

    @Test
    void changesNothingElse() throws ReflectiveOperationException {
      Grid base =
          Grid.of(
              "base",
              new Pes(16, 32),
              new Lanes(8),
              new Multipliers(3),
              new Tile(4, 4),
              new OfmEntries(64));
      for (Grid.Option option : everything()) {
        List<String> changed = new ArrayList<>();
        for (RecordComponent component : Grid.class.getRecordComponents()) {
          Object before = component.getAccessor().invoke(base);
          if (!before.equals(component.getAccessor().invoke(base.with(option)))) {
            changed.add(component.getName());
          }
        }
        assertThat(changed).as("%s", option).hasSize(1);
      }
      assertThat(base.with()).isEqualTo(base);
    }

    @Test
    void leavesTheGridItselfAlone() {
      Grid before = Grid.of("plain", new Pes(16, 32));
      assertThat(PLAIN.with(new Pes(1, 1)).pes()).isEqualTo(new Pes(1, 1));
      assertThat(PLAIN).isEqualTo(before);
    }

    @Test
    void multipliersFollowTheLanes() {
      Grid two = PLAIN.with(new Lanes(2));
      assertThat(two.multipliers()).isEqualTo(2);
      assertThat(two.with(new Lanes(4)).multipliers()).isEqualTo(4);
      assertThat(two.with(new Lanes(1)).multipliers()).isEqualTo(1);
    }

    @Test
    void multipliersStayIfTheyAreGivenOrWereDifferentBefore() {
      Grid few = PLAIN.with(new Lanes(4), new Multipliers(1));
      assertThat(few.multipliers()).isEqualTo(1);
      assertThat(few.with(new Lanes(8)).multipliers()).isEqualTo(1);
      assertThat(few.with(new Lanes(8), new Multipliers(3)).multipliers()).isEqualTo(3);
    }

    @Test
    void ofmEntriesFollowTheTile() {
      assertThat(PLAIN.with(new Tile(8, 8)).ofmEntries()).isEqualTo(64);
      assertThat(PLAIN.with(new Tile(8, 16)).ofmEntries()).isEqualTo(128);
      Grid roomy = PLAIN.with(new OfmEntries(256));
      assertThat(roomy.with(new Tile(8, 16)).ofmEntries()).isEqualTo(256);
      assertThat(roomy.with(new Tile(8, 16), new OfmEntries(128)).ofmEntries()).isEqualTo(128);
    }

    static LongStream seeds() {
      return LongStream.range(0, 50);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theOrderOfOptionsDoesNotMatter(long seed) {
      List<Grid.Option> shuffled = new ArrayList<>(everything());
      java.util.Collections.shuffle(shuffled, new Random(seed));
      assertThat(of(shuffled)).isEqualTo(of(everything()));
      int cut = new Random(seed).nextInt(shuffled.size() - 1) + 1;
      List<Grid.Option> first = new ArrayList<>(shuffled.subList(0, cut));
      List<Grid.Option> rest = shuffled.subList(cut, shuffled.size());
      if (first.stream().noneMatch(Pes.class::isInstance)) {
        first.add(new Pes(1, 1));
      }
      // In two steps: dependent parameters must not be out of range in between.
      if (first.stream().noneMatch(Lanes.class::isInstance)) {
        first.removeIf(Multipliers.class::isInstance);
      }
      if (first.stream().noneMatch(Tile.class::isInstance)) {
        first.removeIf(OfmEntries.class::isInstance);
      }
      Grid.Option[] all =
          Stream.concat(rest.stream(), everything().stream().filter(o -> !rest.contains(o)))
              .toArray(Grid.Option[]::new);
      assertThat(of(first).with(all)).isEqualTo(of(everything()));
    }
  }

  @Nested
  class Validation {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void countsAreAtLeastOne(int count) {
      assertRefused(() -> new Pes(count, 1), "rows of pes(rows, columns) is " + count);
      assertRefused(() -> new Pes(1, count), "columns of pes(rows, columns) is " + count);
      assertRefused(() -> new Tile(count, 1), "rows of tile(rows, columns) is " + count);
      assertRefused(() -> new Tile(1, count), "columns of tile(rows, columns) is " + count);
      assertRefused(() -> PLAIN.with(new Lanes(count)), "lanes is " + count);
      assertRefused(() -> PLAIN.with(new Multipliers(count)), "multipliers is " + count);
      assertRefused(() -> PLAIN.with(new OfmEntries(count)), "ofmEntries is " + count);
      assertRefused(() -> PLAIN.with(new Window(count)), "window is " + count);
      assertRefused(() -> PLAIN.with(new Drain(count)), "drainWidth is " + count);
      assertRefused(() -> PLAIN.with(new BlockSize(count)), "blockSize is " + count);
    }

    @Test
    void zeroBlocksBetweenMeetingsMeansOncePerPass() {
      assertThat(PLAIN.with(new Sync(0)).syncBlocks()).isZero();
      assertRefused(() -> PLAIN.with(new Sync(-1)), "sync is -1", "at least 0");
    }

    @ParameterizedTest
    @CsvSource({"1, 64", "63, 64", "65, 64", "100, 128", "96, 128", "1000, 1024", "-64, 64"})
    void aBlockIsAMultipleOfSixtyFour(int steps, int near) {
      assertRefused(
          () -> PLAIN.with(new BlockSize(steps)),
          "blockSize is " + steps,
          "a multiple of 64",
          "blockSize(" + near + ")");
    }

    @Test
    void theTileFitsTheOfmBuffer() {
      assertRefused(
          () -> Grid.of("g", new Pes(2, 2), new Tile(8, 16), new OfmEntries(127)),
          "tile(8, 16) of grid \"g\"",
          "128 partial sums",
          "ofmEntries is 127",
          "ofmEntries(128)");
      assertThat(PLAIN.with(new Tile(8, 16), new OfmEntries(128)).ofmEntries()).isEqualTo(128);
    }

    @Test
    void everyMultiplierIsPartOfALane() {
      assertRefused(
          () -> Grid.of("g", new Pes(2, 2), new Lanes(2), new Multipliers(3)),
          "multipliers(3) exceeds lanes(2) of grid \"g\"");
    }

    @Test
    void extentsWhoseProductIsBeyondAnIntegerAreRefused() {
      assertRefused(() -> new Pes(100_000, 100_000), "pes(100000, 100000)", "2147483647");
      assertRefused(() -> new Tile(65_536, 65_536), "tile(65536, 65536)", "2147483647");
    }

    @Test
    void aGridHasAName() {
      assertRefused(() -> Grid.of("", new Pes(1, 1)), "the name of a grid is empty");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void aClockTicks(double megahertz) {
      assertRefused(() -> new Clock(Hertz.mega(megahertz)), "the clock in hertz");
    }

    @Test
    void anOptionThatIsGivenTwiceIsNamedAsTheUserWroteIt() {
      List<String> words =
          List.of(
              "pes(3, 5)",
              "lanes(4)",
              "multipliers(2)",
              "tile(2, 8)",
              "ofmEntries(48)",
              "window(5)",
              "blockSize(128)",
              "sync(0)",
              "skip(WEIGHTS)",
              "filterOrder(DENSITY_SORTED)",
              "loopOrder(COLS_OUTER)",
              "drainWidth(2)",
              "ofmDoubleBuffered(false)",
              "clock(1 GHz)");
      for (int i = 0; i < words.size(); i++) {
        Grid.Option option = everything().get(i);
        String word = words.get(i).substring(0, words.get(i).indexOf('('));
        assertRefused(() -> Grid.of("g", new Pes(1, 1), option, option), word + "(...) twice");
        assertRefused(() -> PLAIN.with(option, option), word + "(...) twice");
      }
    }
  }

  @Nested
  class Display {
    @Test
    void unitsOfAPeDependOnTheWeights() {
      Grid grid = PLAIN.with(new Lanes(4), new Multipliers(1));
      assertThat(grid.units(true)).isEqualTo(4);
      assertThat(grid.units(false)).isEqualTo(1);
    }

    @Test
    void describesEveryParameter() {
      String text = of(everything()).describe();
      assertThat(text.lines().map(String::strip))
          .anyMatch(line -> line.matches("PEs +3x5 = 15 .*"))
          .anyMatch(line -> line.matches("lanes +4 .*"))
          .anyMatch(line -> line.matches("multipliers +2 .*"))
          .anyMatch(line -> line.matches("tile +2x8 = 16 .*"))
          .anyMatch(line -> line.matches("ofmEntries +48 .*"))
          .anyMatch(line -> line.matches("window +5 .*"))
          .anyMatch(line -> line.matches("blockSize +128 .*"))
          .anyMatch(line -> line.matches("sync +0 +all PEs meet once per pass"))
          .anyMatch(line -> line.matches("skip +WEIGHTS .*"))
          .anyMatch(line -> line.matches("filters +DENSITY_SORTED .*"))
          .anyMatch(line -> line.matches("loops +COLS_OUTER .*"))
          .anyMatch(line -> line.matches("drainWidth +2 .*"))
          .anyMatch(line -> line.matches("double buffer +no .*"))
          .anyMatch(line -> line.matches("clock +1 GHz"))
          // 15 PEs of 4 lanes, an addition and a multiplication each; a window of 5.
          .anyMatch(line -> line.matches("dense peak +120 FLOP/cycle .*"))
          .anyMatch(line -> line.matches("peak +600 FLOP/cycle .*"));
      assertThat(of(everything())).hasToString(text);
    }

    @Test
    void withoutSkippingThePeakIsTheDenseOne() {
      assertThat(PLAIN.with(new Skipping(Skip.NONE)).describe().lines().map(String::strip))
          .anyMatch(line -> line.matches("dense peak +1024 FLOP/cycle .*"))
          .anyMatch(line -> line.matches("peak +1024 FLOP/cycle .*"));
    }
  }
}
