package org.dlaclab.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What every refused input has in common, for the tests of all packages. */
public final class Refusals {
  private Refusals() {}

  /**
   * Asserts that {@code input} is refused with a message of three parts (what was wrong, what was
   * expected, what to try), none of them empty, that {@code says} all of this.
   */
  public static void assertRefused(ThrowingCallable input, String... says) {
    Throwable thrown = catchThrowable(input);
    assertThat(thrown).isExactlyInstanceOf(DlacException.class);
    String[] lines = thrown.getMessage().split("\n", -1);
    assertThat(lines).as(thrown.getMessage()).hasSize(3);
    assertThat(lines[0]).isNotBlank().doesNotEndWith(".");
    assertThat(lines[1]).startsWith("  expected: ").hasSizeGreaterThan("  expected: ".length());
    assertThat(lines[2]).startsWith("  try:      ").hasSizeGreaterThan("  try:      ".length());
    assertThat(thrown.getMessage()).contains(says);
  }
}
