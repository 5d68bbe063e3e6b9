package org.dlaclab.tech;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.dlaclab.error.Check;
import org.dlaclab.unit.Bytes;
import org.dlaclab.unit.Joules;
import org.dlaclab.unit.SquareMillimetres;

/**
 * What arithmetic, on-chip buffers and DRAM cost: published figures at 45 nm, scaled to a process.
 *
 * <ul>
 *   <li>Operations: Horowitz, ISSCC 2014, at 45 nm and 0.9 V.
 *   <li>Energy of a buffer: Horowitz' caches of 8 KiB, 32 KiB and 1 MiB, straight lines in the
 *       square root of the size between them. Below 8 KiB the first line goes on, which is
 *       proportional to that root; above 1 MiB the last one does.
 *   <li>Area of a buffer: proportional to its size; 594,786 um2 for the 162 KiB of an EIE PE at 45
 *       nm (Han et al., ISCA 2016, table II, from CACTI).
 *   <li>DRAM: Horowitz' 1.3 nJ per 64 bits, of the 1.3 to 2.6 that he gives, in any process.
 *   <li>Scaling: {@link ProcessNode}. Buffers scale as logic does, which flatters them below 20 nm.
 * </ul>
 *
 * <p>No leakage, clock tree, control or wiring is counted: no figure for them is general enough.
 *
 * @param node the process
 * @param dramBit energy to move a bit from or to DRAM
 */
public record Technology(ProcessNode node, Joules dramBit) {
  private static final Map<String, double[]> FIGURES = Csv.read("horowitz-isscc14-45nm.csv");
  private static final double WORD = 64;
  private static final double[] CACHE_KIB = {8, 32, 1024};
  private static final double[] CACHE_PJ = {
    figure("8 KiB cache 64 bits")[0],
    figure("32 KiB cache 64 bits")[0],
    figure("1 MiB cache 64 bits")[0]
  };
  private static final double EIE_UM2_PER_BYTE = 594_786.0 / (162 * 1024);

  public Technology {
    Check.positive("the DRAM energy per bit in joules", dramBit.value());
  }

  /** The published figures at {@code node}. */
  public static Technology of(ProcessNode node) {
    return new Technology(node, Joules.pico(figure("DRAM 64 bits")[0] / WORD));
  }

  /** This technology with another DRAM. */
  public Technology withDram(Joules perBit) {
    return new Technology(node, perBit);
  }

  private static double[] figure(String name) {
    return Objects.requireNonNull(FIGURES.get(name), name);
  }

  /** Energy of one operation. */
  public Joules energy(Operation operation) {
    return Joules.pico(figure(operation.toString())[0] * node.energyFactor());
  }

  /** Area of a unit that does one such operation per cycle. */
  public SquareMillimetres area(Operation operation) {
    return SquareMillimetres.ofMicro(figure(operation.toString())[1] * node.areaFactor());
  }

  /** Energy to read or write a bit of a buffer of this size. */
  public Joules bufferBit(Bytes size) {
    double root = Math.sqrt(size.value() / 1024.0);
    int segment = root <= Math.sqrt(CACHE_KIB[1]) ? 0 : 1;
    double from = Math.sqrt(CACHE_KIB[segment]);
    double to = Math.sqrt(CACHE_KIB[segment + 1]);
    double slope = (CACHE_PJ[segment + 1] - CACHE_PJ[segment]) / (to - from);
    double word = CACHE_PJ[segment] + slope * (root - from);
    return Joules.pico(word / WORD * node.energyFactor());
  }

  /** Area of a buffer of this size. */
  public SquareMillimetres bufferArea(Bytes size) {
    return SquareMillimetres.ofMicro(size.value() * EIE_UM2_PER_BYTE * node.areaFactor());
  }

  /** For example {@code 14 nm, 0.8 V, DRAM at 20 pJ per bit}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%s, %.1f V, DRAM at %s per bit", node, node.volts(), dramBit);
  }
}
