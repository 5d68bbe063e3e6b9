package org.dlaclab.kernel.eval;

/**
 * What is known of the name at the cursor: signature, value, documentation.
 *
 * @param text for terminals
 * @param markdown for notebooks
 */
public record Inspection(String text, String markdown) {}
