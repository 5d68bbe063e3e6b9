package org.dlaclab.kernel.eval;

/**
 * An error that the compiler found.
 *
 * @param statement what it is wrong with
 * @param start offset in the cell
 * @param end offset in the cell
 * @param code the compiler's name for it, such as {@code compiler.err.expected}
 * @param message what the compiler says
 */
record Problem(Statement statement, int start, int end, String code, String message) {}
