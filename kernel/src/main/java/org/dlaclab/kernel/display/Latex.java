package org.dlaclab.kernel.display;

/** Mathematics in LaTeX, such as {@code \frac{a}{b}}; dollars around it may be left out. */
public record Latex(String source) {}
