package org.dlaclab.kernel.display;

/** Markdown, such as {@code **bold**}. */
public record Markdown(String source) {
  /** As it shows. */
  public Bundle bundle() {
    return Bundle.text(source).with("text/markdown", source);
  }
}
