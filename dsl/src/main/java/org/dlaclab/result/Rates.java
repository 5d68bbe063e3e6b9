package org.dlaclab.result;

import java.util.Locale;
import org.dlaclab.grid.Grid;
import org.dlaclab.unit.Joules;
import org.dlaclab.unit.Seconds;
import org.dlaclab.unit.SquareMillimetres;

/**
 * How much work a grid does per time, area and energy. Work is that of the dense machine, {@code 2
 * * MACs}: what is skipped counts as done, as in papers on sparse accelerators.
 *
 * @param flop floating-point operations, skipped ones included
 * @param time what they took
 * @param peakFlopPerSecond what no network exceeds; see {@link Grid#peak}
 * @param area of the grid's arithmetic and buffers
 * @param chip energy of the chip
 * @param dram energy of the DRAM
 */
public record Rates(
    double flop,
    Seconds time,
    double peakFlopPerSecond,
    SquareMillimetres area,
    Joules chip,
    Joules dram) {

  /** Effective TFLOP/s: 10^12 floating-point operations per second. */
  public double teraflops() {
    return flop / time.value() / 1e12;
  }

  /** TFLOP/s that no network exceeds. */
  public double peakTeraflops() {
    return peakFlopPerSecond / 1e12;
  }

  /** Effective TFLOP/s per square millimetre. */
  public double teraflopsPerMm2() {
    return teraflops() / area.value();
  }

  /** Mean power in watts, DRAM included. */
  public double watts() {
    return chip.plus(dram).value() / time.value();
  }

  /** Mean power of the chip in watts. */
  public double chipWatts() {
    return chip.value() / time.value();
  }

  /** Effective TFLOP/s per watt, DRAM included. */
  public double teraflopsPerWatt() {
    return teraflops() / watts();
  }

  /** A line per figure. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        """
        effective  %.3g TFLOP/s of at most %.3g
        area       %s: %.3g TFLOP/s per mm2
        power      %.3g W, of which chip %.3g W: %.3g TFLOP/s per W
        time       %s""",
        teraflops(),
        peakTeraflops(),
        area,
        teraflopsPerMm2(),
        watts(),
        chipWatts(),
        teraflopsPerWatt(),
        time);
  }
}
