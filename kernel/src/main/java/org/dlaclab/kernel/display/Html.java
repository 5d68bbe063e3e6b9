package org.dlaclab.kernel.display;

import java.util.regex.Pattern;

/** HTML, such as {@code <b>bold</b>}. */
public record Html(String source) {
  private static final Pattern UNSEEN =
      Pattern.compile("(?is)<(script|style|head)\\b.*?</\\1\\s*>|<!--.*?-->");
  private static final Pattern LINE =
      Pattern.compile("(?i)<br\\b[^>]*>|</(p|div|tr|li|h[1-6]|pre|table|ul|ol)\\s*>");
  private static final Pattern CELL = Pattern.compile("(?i)</t[dh]\\s*>");
  private static final Pattern TAG = Pattern.compile("(?s)<[/!?a-zA-Z][^>]*>");

  /** As it shows. */
  public Bundle bundle() {
    return Bundle.text(text()).with("text/html", source);
  }

  /** What a reader would see of it, roughly. */
  private String text() {
    String text = UNSEEN.matcher(source).replaceAll("");
    text = CELL.matcher(text.replaceAll("\\s*\n\\s*", " ")).replaceAll("  ");
    text = TAG.matcher(LINE.matcher(text).replaceAll("\n")).replaceAll("");
    return text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
        .replaceAll("[ \t]*\n[ \t]*", "\n")
        .replaceAll("\n{3,}", "\n\n")
        .strip();
  }

  /** Text as HTML shows it, also in attributes. */
  public static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
