package org.dlaclab.kernel.display;

import java.util.regex.Pattern;

/** Mathematics in LaTeX, such as {@code \frac{a}{b}}; dollars around it may be left out. */
public record Latex(String source) {
  /** What a front end typesets as it is. */
  private static final Pattern COMPLETE =
      Pattern.compile(
          "(?s)\\s*(\\$|\\\\\\(|\\\\\\[|\\\\begin\\{(equation|align|alignat|flalign|gather|multline"
              + "|eqnarray)\\*?\\}).*");

  /** As it shows. */
  public Bundle bundle() {
    String math = COMPLETE.matcher(source).matches() ? source : "$$" + source.strip() + "$$";
    return Bundle.text(source).with("text/latex", math);
  }
}
