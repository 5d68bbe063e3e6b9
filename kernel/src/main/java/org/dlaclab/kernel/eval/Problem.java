package org.dlaclab.kernel.eval;

/**
 * An error that the compiler found.
 *
 * @param start offset in the cell
 * @param end offset in the cell
 * @param code the compiler's name for it, such as {@code compiler.err.expected}
 * @param message what the compiler says
 */
record Problem(int start, int end, String code, String message) {}
