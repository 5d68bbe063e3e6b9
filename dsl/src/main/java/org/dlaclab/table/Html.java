package org.dlaclab.table;

/** What every HTML writer here shares. */
public final class Html {
  /**
   * The style of pages: system fonts, and colours of the reader's theme. Charts and tables set no
   * background of their own, so that they also fit into a page of someone else.
   */
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff; --tint: #f6f8fa; --link: #0058a8; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #3a424c; --paper: #14181d; --tint: #1d232a; --link: #6cb6ff; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 80rem; background: var(--paper); color: var(--ink);
        font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
      h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 1.25rem; letter-spacing: -0.01em; }
      h2 { font-size: 1.35rem; line-height: 1.3; margin: 3rem 0 .75rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
      p { margin: 0 0 1rem; max-width: 46rem; }
      a { color: var(--link); }
      nav { background: var(--tint); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1.25rem; margin: 0 0 1rem; }
      nav ol { margin: 0; padding-left: 1.25rem; columns: 16rem; }
      pre { background: var(--tint); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; overflow-x: auto;
        font: 13.5px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
      dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .35rem 1.5rem; margin: 0 0 1.5rem; }
      dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
      section > .dlac-table, section > .dlac-chart { margin: 0 0 1.75rem; }
      @media print { body { max-width: none; padding: 0; } h2 { break-after: avoid; } .dlac-table { max-height: none !important; overflow: visible !important; } }
      """;

  private Html() {}

  /** The text, safe between tags and in quoted attributes. */
  public static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * A whole page that asks nothing of any other machine.
   *
   * @param title the plain text of the title bar
   * @param body the HTML between the body tags
   */
  public static String document(String title, String body) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>"
        + escape(title)
        + "</title>\n<style>\n"
        + STYLE
        + "</style>\n</head>\n<body>\n"
        + body
        + "\n</body>\n</html>\n";
  }
}
