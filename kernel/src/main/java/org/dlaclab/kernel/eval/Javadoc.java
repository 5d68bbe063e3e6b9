package org.dlaclab.kernel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A documentation comment, as Markdown or as text for a terminal.
 *
 * @param body what stands before the first block tag
 * @param tags the block tags
 */
record Javadoc(String body, List<Tag> tags) {
  private static final int WIDTH = 100;

  /** Begins a line that is not to be wrapped. */
  private static final char FIXED = '\u0001';

  private static final Pattern SPACE = Pattern.compile(" ");
  private static final Pattern TAG_LINE = Pattern.compile("@([\\w.]+)\\s*");
  private static final Pattern HTML = Pattern.compile("<(/?)([a-zA-Z][\\w]*)([^>]*)>");
  private static final Pattern HREF = Pattern.compile("href\\s*=\\s*[\"'](https?://[^\"']+)[\"']");
  private static final Pattern ENTITY = Pattern.compile("&(#?\\w+);");
  private static final Pattern INHERIT = Pattern.compile("\\{@inheritDoc[^}]*}");

  private static final Map<String, String> ENTITIES =
      Map.ofEntries(
          Map.entry("lt", "<"),
          Map.entry("gt", ">"),
          Map.entry("amp", "&"),
          Map.entry("quot", "\""),
          Map.entry("apos", "'"),
          Map.entry("nbsp", " "),
          Map.entry("le", "\u2264"),
          Map.entry("ge", "\u2265"),
          Map.entry("ne", "\u2260"),
          Map.entry("times", "\u00d7"),
          Map.entry("middot", "\u00b7"),
          Map.entry("hellip", "\u2026"),
          Map.entry("ndash", "\u2013"),
          Map.entry("mdash", "\u2014"),
          Map.entry("minus", "\u2212"),
          Map.entry("plusmn", "\u00b1"),
          Map.entry("infin", "\u221e"),
          Map.entry("pi", "\u03c0"),
          Map.entry("alpha", "\u03b1"),
          Map.entry("beta", "\u03b2"),
          Map.entry("theta", "\u03b8"),
          Map.entry("radic", "\u221a"),
          Map.entry("sup2", "\u00b2"),
          Map.entry("lfloor", "\u230a"),
          Map.entry("rfloor", "\u230b"),
          Map.entry("lceil", "\u2308"),
          Map.entry("rceil", "\u2309"),
          Map.entry("rarr", "\u2192"),
          Map.entry("copy", "\u00a9"));

  /** A block tag; {@code argument} is the parameter or exception it tells of, or empty. */
  record Tag(String name, String argument, String text) {}

  /** Reads a comment without its asterisks. */
  static Javadoc of(String comment) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int depth = 0;
    for (String line : comment.split("\n", -1)) {
      if (depth <= 0 && TAG_LINE.matcher(line.stripLeading()).lookingAt()) {
        parts.add(part.toString());
        part.setLength(0);
        line = line.stripLeading();
        depth = 0;
      }
      part.append(line).append('\n');
      // A line that begins with an at sign inside of {@code ...} is no tag.
      for (int i = 0; i < line.length(); i++) {
        if (line.charAt(i) == '{' && (depth > 0 || line.startsWith("{@", i))) {
          depth++;
        } else if (line.charAt(i) == '}' && depth > 0) {
          depth--;
        }
      }
    }
    parts.add(part.toString());
    List<Tag> tags = new ArrayList<>();
    for (String text : parts.subList(1, parts.size())) {
      Matcher matcher = TAG_LINE.matcher(text);
      if (matcher.lookingAt()) {
        tags.add(tag(matcher.group(1), text.substring(matcher.end()).strip()));
      }
    }
    return new Javadoc(parts.get(0).strip(), List.copyOf(tags));
  }

  private static Tag tag(String name, String text) {
    if (!List.of("param", "throws", "exception").contains(name)) {
      return new Tag(name, "", text);
    }
    String[] words = text.split("\\s+", 2);
    return new Tag(
        name.equals("exception") ? "throws" : name, words[0], words.length > 1 ? words[1] : "");
  }

  static boolean inherits(String comment) {
    return INHERIT.matcher(comment).find();
  }

  /** A comment with what it takes from the comment of what it overrides. */
  static String inherit(String comment, String parent) {
    Javadoc own = of(comment);
    Javadoc above = of(parent);
    StringBuilder whole = new StringBuilder(fill(own.body(), above.body()));
    List<Tag> tags = new ArrayList<>(own.tags());
    for (Tag tag : above.tags()) {
      boolean told =
          own.tags().stream()
              .anyMatch(t -> t.name().equals(tag.name()) && t.argument().equals(tag.argument()));
      if (!told && List.of("param", "return").contains(tag.name())) {
        tags.add(tag);
      }
    }
    for (Tag tag : tags) {
      String inherited =
          above.tags().stream()
              .filter(t -> t.name().equals(tag.name()) && t.argument().equals(tag.argument()))
              .map(Tag::text)
              .findFirst()
              .orElse("");
      whole.append("\n@").append(tag.name()).append(' ');
      whole.append(tag.argument().isEmpty() ? "" : tag.argument() + " ");
      whole.append(fill(tag.text(), inherited));
    }
    return whole.toString();
  }

  private static String fill(String text, String inherited) {
    return INHERIT.matcher(text).replaceAll(Matcher.quoteReplacement(inherited));
  }

  /** The first sentence alone. */
  Javadoc summary() {
    Matcher end = Pattern.compile("[.!?](?=\\s|<|$)|<p>|\n\\s*\n").matcher(body);
    int depth = 0;
    int from = 0;
    while (end.find()) {
      for (int i = from; i < end.start(); i++) {
        depth += body.charAt(i) == '{' ? 1 : body.charAt(i) == '}' ? -1 : 0;
      }
      from = end.start();
      if (depth == 0) {
        boolean dot = body.charAt(end.start()) != '<' && body.charAt(end.start()) != '\n';
        return new Javadoc(body.substring(0, end.start() + (dot ? 1 : 0)), List.of());
      }
    }
    return new Javadoc(body, List.of());
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    for (Tag tag : named("deprecated")) {
      paragraph(text, "**Deprecated.** " + inline(tag.text(), true));
    }
    paragraph(text, inline(body, true));
    list(text, "Type parameters and parameters", named("param"));
    for (Tag tag : named("return")) {
      paragraph(text, "**Returns** " + inline(tag.text(), true));
    }
    list(text, "Throws", named("throws"));
    for (Tag tag : named("since")) {
      paragraph(text, "**Since** " + inline(tag.text(), true));
    }
    String see = see(true);
    paragraph(text, see.isEmpty() ? "" : "**See** " + see);
    return text.toString().strip();
  }

  private void list(StringBuilder text, String title, List<Tag> tags) {
    if (tags.isEmpty()) {
      return;
    }
    boolean types = tags.stream().anyMatch(t -> t.argument().startsWith("<"));
    boolean values = tags.stream().anyMatch(t -> !t.argument().startsWith("<"));
    String shown =
        !title.startsWith("Type") || (types && values)
            ? title
            : types ? "Type parameters" : "Parameters";
    StringBuilder list = new StringBuilder("**" + shown + "**\n");
    for (Tag tag : tags) {
      list.append("\n- `").append(tag.argument()).append("` \u2013 ");
      list.append(inline(tag.text(), true).replace("\n\n", "\n\n  "));
    }
    paragraph(text, list.toString());
  }

  String text() {
    StringBuilder text = new StringBuilder();
    for (Tag tag : named("deprecated")) {
      paragraph(text, wrap("Deprecated. " + inline(tag.text(), false), ""));
    }
    paragraph(text, wrap(inline(body, false), ""));
    for (String name : List.of("param", "throws")) {
      List<Tag> tags = named(name);
      if (!tags.isEmpty()) {
        StringBuilder list = new StringBuilder(name.equals("param") ? "Parameters:" : "Throws:");
        for (Tag tag : tags) {
          list.append('\n');
          list.append(wrap(tag.argument() + ": " + inline(tag.text(), false), "  "));
        }
        paragraph(text, list.toString());
      }
      if (name.equals("param")) {
        for (Tag tag : named("return")) {
          paragraph(text, "Returns:\n" + wrap(inline(tag.text(), false), "  "));
        }
      }
    }
    for (Tag tag : named("since")) {
      paragraph(text, "Since: " + inline(tag.text(), false));
    }
    String see = see(false);
    paragraph(text, see.isEmpty() ? "" : wrap("See: " + see, ""));
    return text.toString().strip();
  }

  private String see(boolean markdown) {
    List<String> references = new ArrayList<>();
    for (Tag tag : named("see")) {
      String reference = tag.text();
      references.add(
          reference.startsWith("<") || reference.startsWith("\"")
              ? inline(reference, markdown)
              : link(reference, markdown));
    }
    return String.join(", ", references);
  }

  private List<Tag> named(String name) {
    return tags.stream().filter(t -> t.name().equals(name)).toList();
  }

  private static void paragraph(StringBuilder text, String paragraph) {
    String stripped = paragraph.stripTrailing();
    if (!stripped.isBlank()) {
      text.append(text.length() == 0 ? "" : "\n\n").append(stripped);
    }
  }

  /** Breaks lines at {@link #WIDTH} characters. */
  static String wrap(String text, String indent) {
    StringBuilder wrapped = new StringBuilder();
    boolean first = true;
    for (String line : text.strip().split("\n", -1)) {
      wrapped.append(first ? "" : "\n");
      first = false;
      if (!line.isEmpty() && line.charAt(0) == FIXED) {
        wrapped.append(indent).append("  ").append(line, 1, line.length());
        continue;
      }
      int column = 0;
      String leading = line.substring(0, line.length() - line.stripLeading().length());
      for (String word : SPACE.split(line.strip(), -1)) {
        if (column > 0 && column + 1 + word.length() > WIDTH) {
          wrapped.append('\n');
          column = 0;
        }
        if (column == 0) {
          wrapped.append(word.isEmpty() ? "" : indent + leading);
          column = indent.length() + leading.length();
        } else {
          wrapped.append(' ');
          column++;
        }
        wrapped.append(word);
        column += word.length();
      }
    }
    return wrapped.toString();
  }

  private static String inline(String comment, boolean markdown) {
    return new Inline(comment, markdown).convert();
  }

  private static String link(String content, boolean markdown) {
    Matcher matcher =
        Pattern.compile("([^\\s(]+(?:\\([^)]*\\))?)\\s*(.*)", Pattern.DOTALL)
            .matcher(content.strip());
    if (!matcher.matches()) {
      return content;
    }
    String label = matcher.group(2).strip();
    if (!label.isEmpty()) {
      return inline(label, markdown);
    }
    String name =
        matcher
            .group(1)
            .replaceAll("(?<![\\w$])(?:[\\p{Ll}_][\\w$]*\\.)+(?=\\p{Lu})", "")
            .replaceAll("^#", "")
            .replaceAll("^[\\w.]+/", "")
            .replace('#', '.');
    return markdown ? "`" + name + "`" : name;
  }

  private static String entities(String text) {
    return ENTITY
        .matcher(text)
        .replaceAll(
            found -> {
              String name = found.group(1);
              String meant = ENTITIES.getOrDefault(name, found.group());
              if (name.matches("#\\d{1,6}")) {
                meant = point(Integer.parseInt(name.substring(1)), found.group());
              } else if (name.matches("#[xX][0-9a-fA-F]{1,6}")) {
                meant = point(Integer.parseInt(name.substring(2), 16), found.group());
              }
              return Matcher.quoteReplacement(meant);
            });
  }

  private static String point(int point, String otherwise) {
    return Character.isValidCodePoint(point) ? Character.toString(point) : otherwise;
  }

  /** Text with HTML and inline tags. */
  private static final class Inline {
    private final String comment;
    private final boolean markdown;
    private final StringBuilder out = new StringBuilder();
    private final List<Integer> lists = new ArrayList<>();
    private String href = "";

    Inline(String comment, boolean markdown) {
      this.comment = comment;
      this.markdown = markdown;
    }

    String convert() {
      int at = 0;
      while (at < comment.length()) {
        char c = comment.charAt(at);
        Matcher html = HTML.matcher(comment).region(at, comment.length());
        if (comment.startsWith("{@", at)) {
          at = inlineTag(at);
        } else if (c == '<' && html.lookingAt()) {
          at = html(html);
        } else if (comment.startsWith("<!--", at)) {
          int end = comment.indexOf("-->", at);
          at = end < 0 ? comment.length() : end + 3;
        } else if (Character.isWhitespace(c)) {
          space();
          at++;
        } else {
          int end = at + 1;
          while (end < comment.length()
              && "{<".indexOf(comment.charAt(end)) < 0
              && !Character.isWhitespace(comment.charAt(end))) {
            end++;
          }
          out.append(escaped(entities(comment.substring(at, end))));
          at = end;
        }
      }
      return out.toString().replaceAll("[ ]+\n", "\n").replaceAll("\n{3,}", "\n\n").strip();
    }

    private String escaped(String text) {
      return markdown ? text.replaceAll("[*_<\\[`]", "\\\\$0") : text;
    }

    private void space() {
      if (out.length() > 0 && !Character.isWhitespace(out.charAt(out.length() - 1))) {
        out.append(' ');
      }
    }

    private void lines(int count) {
      int length = out.length();
      while (length > 0 && out.charAt(length - 1) == ' ') {
        length--;
      }
      out.setLength(length);
      int have = 0;
      while (have < length && out.charAt(length - 1 - have) == '\n') {
        have++;
      }
      if (length > 0) {
        out.append("\n".repeat(Math.max(0, count - have)));
      }
    }

    private int inlineTag(int start) {
      int depth = 0;
      int end = start;
      do {
        depth += comment.charAt(end) == '{' ? 1 : comment.charAt(end) == '}' ? -1 : 0;
        end++;
      } while (depth > 0 && end < comment.length());
      String inside = comment.substring(start + 2, depth == 0 ? end - 1 : end);
      String[] parts = inside.split("\\s+", 2);
      String content = parts.length > 1 ? parts[1] : "";
      switch (parts[0]) {
        case "code" -> code(content.replaceAll("\\s+", " ").strip());
        case "literal" -> out.append(escaped(content));
        case "link" -> out.append(link(content, markdown));
        case "linkplain" -> out.append(link(content, false));
        case "value", "systemProperty" -> code(content.replaceAll("^#", "").strip());
        case "index" -> out.append(escaped(content.replaceAll("\\s.*", "")));
        case "return" -> out.append("Returns ").append(inline(content, markdown)).append('.');
        case "summary" -> out.append(inline(content, markdown));
        case "snippet" -> block(content.replaceFirst("^[^:]*:", "").stripIndent());
        default -> {}
      }
      return end;
    }

    private void code(String content) {
      String fence = content.contains("`") ? "``" : "`";
      out.append(markdown && !content.isEmpty() ? fence + content + fence : content);
    }

    private void block(String content) {
      lines(2);
      String code = content.replaceAll("^\\s*\n", "").stripTrailing().stripIndent();
      if (markdown) {
        out.append("```java\n").append(code).append("\n```\n\n");
      } else {
        code.lines().forEach(line -> out.append(FIXED).append(line).append('\n'));
        out.append('\n');
      }
    }

    private int html(Matcher tag) {
      boolean close = !tag.group(1).isEmpty();
      String name = tag.group(2).toLowerCase(Locale.ROOT);
      switch (name) {
        case "pre" -> {
          int end = comment.indexOf("</pre>", tag.end());
          end = end < 0 ? comment.length() : end;
          if (!close) {
            String code = comment.substring(tag.end(), end);
            // <pre>{@code ...}</pre>: what is inside is as it stands.
            String bare = code.strip();
            if (bare.startsWith("{@code") && bare.endsWith("}")) {
              block(bare.substring("{@code".length(), bare.length() - 1));
            } else {
              block(
                  entities(
                      code.replaceAll("\\{@\\w+\\s+([^}]*)}", "$1")
                          .replaceAll("</?\\w[^>]*>", "")));
            }
            return Math.min(comment.length(), end + "</pre>".length());
          }
        }
        case "p", "blockquote", "table", "dl", "div" -> lines(2);
        case "br", "tr" -> lines(1);
        case "td", "th" -> out.append(close ? " " : "");
        case "h1", "h2", "h3", "h4", "h5", "h6" -> {
          lines(2);
          out.append(markdown && !close ? "#### " : "");
        }
        case "ul", "ol" -> {
          lines(lists.isEmpty() || (close && lists.size() == 1) ? 2 : 1);
          if (!close) {
            lists.add(name.equals("ol") ? 1 : 0);
          } else if (!lists.isEmpty()) {
            lists.remove(lists.size() - 1);
          }
        }
        case "li" -> item(close);
        case "dt" -> lines(close ? 1 : 2);
        case "dd" -> {
          lines(1);
          out.append(close ? "" : "  ");
        }
        case "code", "tt" -> {
          int end = comment.indexOf("</" + name + ">", tag.end());
          if (!close && end > 0) {
            String content = comment.substring(tag.end(), end);
            code(
                entities(
                    content
                        .replaceAll("\\{@\\w+\\s+([^}]*)}", "$1")
                        .replaceAll("<[^>]*>", "")
                        .replaceAll("\\s+", " ")));
            return end + name.length() + 3;
          }
        }
        case "b", "strong" -> out.append(markdown ? "**" : "");
        case "i", "em", "var", "cite", "dfn" -> out.append(markdown ? "*" : "");
        case "sup" -> out.append(close ? "" : "^");
        case "a" -> anchor(close, tag.group(3));
        default -> {}
      }
      return tag.end();
    }

    private void item(boolean close) {
      if (close || lists.isEmpty()) {
        return;
      }
      lines(1);
      int last = lists.size() - 1;
      int number = lists.get(last);
      out.append("  ".repeat(last)).append(number == 0 ? "- " : number + ". ");
      if (number > 0) {
        lists.set(last, number + 1);
      }
    }

    private void anchor(boolean close, String attributes) {
      if (!markdown) {
        return;
      }
      Matcher found = HREF.matcher(attributes);
      if (!close && found.find()) {
        href = found.group(1);
        out.append('[');
      } else if (close && !href.isEmpty()) {
        out.append("](").append(href).append(')');
        href = "";
      }
    }
  }
}
