package org.dlaclab.table;

/**
 * The beginning and the end of a table, as printed.
 *
 * @param text aligned, with the title above
 * @param html as {@link Listing#html()}
 * @param whole whether nothing was left out but ends of long cells
 */
public record Excerpt(String text, String html, boolean whole) {}
