package org.dlaclab.kernel.display;

import java.util.function.Supplier;

/**
 * A JavaScript library that HTML outputs share: its text goes into the notebook once, with the
 * first output that needs it, and not with each.
 *
 * @param name of the library and its version, such as {@code plotly-2.35.3}
 * @param source the script, read only when it is sent
 */
public record Script(String name, Supplier<String> source) {}
