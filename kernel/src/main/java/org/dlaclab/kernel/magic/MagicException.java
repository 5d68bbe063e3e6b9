package org.dlaclab.kernel.magic;

/** A magic that was called wrongly or could not do its work; the message is for the user. */
final class MagicException extends Exception {
  private static final long serialVersionUID = 1L;

  MagicException(String message) {
    super(message);
  }

  /**
   * @param problem what was wrong, with the name and the value
   * @param expected what would have been accepted
   * @param hint what to try
   */
  MagicException(String problem, String expected, String hint) {
    super(problem + "\n  expected: " + expected + "\n  try:      " + hint);
  }
}
