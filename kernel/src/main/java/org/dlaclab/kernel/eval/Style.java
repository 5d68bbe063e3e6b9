package org.dlaclab.kernel.eval;

/** ANSI colours that read well on light and on dark ground: none of them is black or white. */
enum Style {
  ERROR("1;31"),
  PLACE("36"),
  MARK("31"),
  STRONG("1");

  private final String code;

  Style(String code) {
    this.code = code;
  }

  String on(String text) {
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
