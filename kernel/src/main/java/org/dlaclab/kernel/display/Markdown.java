package org.dlaclab.kernel.display;

/** Markdown, such as {@code **bold**}. */
public record Markdown(String source) {}
