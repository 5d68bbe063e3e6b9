package org.dlaclab.kernel.display;

/** HTML, such as {@code <b>bold</b>}. */
public record Html(String source) {}
