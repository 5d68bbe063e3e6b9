package org.dlaclab.tech;

import java.util.Map;
import java.util.Objects;

/**
 * A process of Stillmaker and Baas (Integration 58, 2017), and how far it is from the 45 nm of
 * Horowitz' figures. That paper has no 28 nm.
 */
public enum ProcessNode {
  /** 45 nm at 0.9 V: where Horowitz' figures are from. */
  NM_45(45),
  /** 32 nm at 0.8 V. */
  NM_32(32),
  /** 20 nm at 0.8 V. */
  NM_20(20),
  /** 16 nm at 0.8 V. */
  NM_16(16),
  /** 14 nm at 0.8 V: the process of Venkatesh et al. (ICASSP 2017). */
  NM_14(14),
  /** 10 nm at 0.8 V. */
  NM_10(10),
  /** 7 nm at 0.8 V. */
  NM_7(7);

  private final int nanometres;
  private final double areaFactor;
  private final double energy;
  private final double volts;

  ProcessNode(int nanometres) {
    this.nanometres = nanometres;
    double[] line = Objects.requireNonNull(Table.LINES.get(String.valueOf(nanometres)));
    this.areaFactor = line[0];
    this.volts = line[4];
    this.energy = line[1] * volts * volts + line[2] * volts + line[3];
  }

  /** Read once, before the constants above are made. */
  private static final class Table {
    static final Map<String, double[]> LINES = Csv.read("stillmaker-baas-2017.csv");
  }

  /** What an area is here, over what it is at 45 nm: the paper's table. */
  public double areaFactor() {
    return areaFactor;
  }

  /**
   * What an operation's energy is here, over what it is at 45 nm and 0.9 V: the paper's polynomials
   * of the high-performance transistors.
   */
  public double energyFactor() {
    return energy / NM_45.energy;
  }

  /** The supply voltage that {@link #energyFactor} is for. */
  public double volts() {
    return volts;
  }

  /** For example {@code 14 nm}. */
  @Override
  public String toString() {
    return nanometres + " nm";
  }
}
