package org.dlaclab.result;

/**
 * How many elements of a tensor are not zero.
 *
 * @param nonZeros elements that are not exactly zero; NaN if that is not known
 * @param elements all elements
 */
public record Density(double nonZeros, double elements) {

  /** The density of {@code share * elements} non-zeros; a share of NaN is not known. */
  public static Density of(double share, double elements) {
    return new Density(share * elements, elements);
  }

  /** Non-zeros over elements, 0 to 1; NaN if it is not known or there are no elements. */
  public double share() {
    return nonZeros / elements;
  }

  /** Both tensors taken together; not known if one of them is not. */
  public Density plus(Density other) {
    return new Density(nonZeros + other.nonZeros, elements + other.elements);
  }
}
