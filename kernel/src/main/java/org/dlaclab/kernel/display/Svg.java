package org.dlaclab.kernel.display;

/** A drawing in SVG. */
public record Svg(String source) {}
