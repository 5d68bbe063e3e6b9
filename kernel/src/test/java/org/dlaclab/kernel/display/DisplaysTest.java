package org.dlaclab.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.DisplayDataRenderable;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;

class DisplaysTest {
  private final List<String> notes = new ArrayList<>();
  private final Displays displays = new Displays(notes::add);

  interface Shape {}

  interface Round extends Shape {}

  interface Named {}

  interface Heavy {}

  static class Circle implements Round {
    @Override
    public String toString() {
      return "a circle";
    }
  }

  static class Ball extends Circle implements Named, Heavy, Round, Shape {}

  private String text(Object value) {
    return (String) displays.bundle(value).data().get("text/plain");
  }

  private <T> void show(Class<T> type, String as) {
    displays.show(type, value -> Bundle.text(as));
  }

  @Test
  void anUnknownValueShowsAsText() {
    assertThat(displays.bundle(null).data()).containsExactly(Map.entry("text/plain", "null"));
    assertThat(displays.bundle(List.of("a")).data())
        .containsExactly(Map.entry("text/plain", "[\"a\"]"));
  }

  /** Each line is nearer than those before it, whatever the order in which they were given. */
  @Test
  void theNearestTypeWins() {
    List<Class<?>> farToNear =
        List.of(Object.class, Shape.class, Round.class, Named.class, Circle.class, Ball.class);
    for (int from = 0; from < farToNear.size(); from++) {
      for (int to = from + 1; to < farToNear.size(); to++) {
        Class<?> far = farToNear.get(from);
        Class<?> near = farToNear.get(to);
        for (List<Class<?>> order : List.of(List.of(near, far), List.of(far, near))) {
          Displays fresh = new Displays(notes::add);
          order.forEach(type -> fresh.show(type, v -> Bundle.text(type.getSimpleName())));
          assertThat(fresh.bundle(new Ball()).data().get("text/plain"))
              .as("%s in order %s", near, order)
              .isEqualTo(near.getSimpleName());
        }
      }
    }
  }

  @Test
  void thenTheNewestWins() {
    show(Circle.class, "old");
    show(Circle.class, "new");
    assertThat(text(new Ball())).isEqualTo("new");
    Displays fresh = new Displays(notes::add);
    fresh.show(Heavy.class, v -> Bundle.text("heavy"));
    fresh.show(Named.class, v -> Bundle.text("named"));
    assertThat(fresh.bundle(new Ball()).data()).containsEntry("text/plain", "named");
    show(Bundle.class, "mine");
    assertThat(text(Bundle.text("x"))).isEqualTo("mine");
  }

  @Test
  void aWayToShowThatFailsDoesNotLoseTheValue() {
    displays.show(
        Circle.class,
        circle -> {
          throw new IllegalStateException("no pen");
        });
    assertThat(text(new Circle())).isEqualTo("a circle");
    assertThat(notes)
        .containsExactly(
            "A Circle shows as text, since the display of Circle throws"
                + " java.lang.IllegalStateException: no pen");
    notes.clear();
    displays.show(Circle.class, circle -> null);
    assertThat(text(new Circle())).isEqualTo("a circle");
    assertThat(notes).singleElement().asString().contains("gives null");
  }

  @Test
  void everyBundleHasText() {
    displays.show(Circle.class, circle -> Bundle.nothing().with("text/html", "<b>o</b>"));
    assertThat(displays.bundle(new Circle()).data())
        .containsEntry("text/html", "<b>o</b>")
        .containsEntry("text/plain", "a circle");
  }

  @Test
  void whatIsShownAlreadyShowsNotAgain() {
    Notebook.Handle handle =
        new Notebook.Handle() {
          @Override
          public String id() {
            return "x";
          }

          @Override
          public void update(Object value) {}
        };
    assertThat(displays.bundle(handle).isEmpty()).isTrue();
  }

  @Test
  void typesThatJJavaLibrariesRegisterShowTheirWay() {
    displays
        .renderer()
        .createRegistration(Circle.class)
        .preferring(MIMEType.TEXT_HTML)
        .supporting(MIMEType.IMAGE_SVG)
        .register(
            (circle, context) -> {
              context.renderIfRequested(MIMEType.TEXT_HTML, () -> "<i>circle</i>");
              context.renderIfRequested(MIMEType.IMAGE_SVG, () -> "<svg/>");
            });
    assertThat(displays.bundle(new Ball()).data())
        .containsOnly(Map.entry("text/html", "<i>circle</i>"), Map.entry("text/plain", "a circle"));
    show(Ball.class, "ours is nearer");
    assertThat(text(new Ball())).isEqualTo("ours is nearer");
    assertThat(text(new int[] {1})).as("what it does not know").isEqualTo("[1]");
  }

  @Test
  void valuesThatRenderThemselvesForJJavaDoSo() {
    class Self implements DisplayDataRenderable {
      @Override
      public void render(org.dflib.jjava.jupyter.kernel.display.RenderContext context) {
        context.renderIfRequested(MIMEType.TEXT_MARKDOWN, () -> "*self*");
      }

      @Override
      public String toString() {
        return "self";
      }
    }
    assertThat(displays.bundle(new Self()).data())
        .containsEntry("text/markdown", "*self*")
        .containsEntry("text/plain", "self");
  }

  @Test
  void jjavasDataIsKeptBothWays() {
    DisplayData data = new DisplayData("plain");
    data.putHTML("<b>é & '</b>");
    data.putData(MIMEType.IMAGE_PNG, new byte[] {1, 2, 3}, Map.of("width", 7));
    data.putJSON("{\"a\": [1, null]}");
    Bundle bundle = displays.bundle(data);
    assertThat(bundle.data())
        .containsEntry("text/plain", "plain")
        .containsEntry("text/html", "<b>é & '</b>")
        .containsEntry("image/png", "AQID");
    assertThat(bundle.data().get("application/json")).hasToString("{\"a\":[1,null]}");
    assertThat(bundle.metadata().get("image/png")).hasToString("{\"width\":7}");
    assertThat(Bundle.of(bundle.displayData())).isEqualTo(bundle);
  }

  @Test
  void formulasGetTheirDollars() {
    assertThat(displays.bundle(new Latex("\\frac12")).data())
        .containsEntry("text/latex", "$$\\frac12$$")
        .containsEntry("text/plain", "\\frac12");
    for (String complete :
        List.of("$x$", "$$x$$", "\\(x\\)", "\\[x\\]", "\\begin{align*} x \\end{align*}")) {
      assertThat(displays.bundle(new Latex(complete)).data()).containsEntry("text/latex", complete);
    }
    assertThat(
            displays.bundle(new Latex("\\begin{aligned}x\\end{aligned}")).data().get("text/latex"))
        .asString()
        .startsWith("$$");
  }

  @Test
  void htmlReadsAsTextWithoutItsTags() {
    String html =
        "<style>b {color: red}</style><p>1 &lt; 2 &amp; <b>bold</b></p>"
            + "<table><tr><td>a</td><td>b</td></tr></table>";
    assertThat(displays.bundle(new Html(html)).data())
        .containsEntry("text/html", html)
        .containsEntry("text/plain", "1 < 2 & bold\na  b");
  }

  @Test
  void markdownReadsAsItIs() {
    assertThat(displays.bundle(new Markdown("# T")).data())
        .containsOnly(Map.entry("text/markdown", "# T"), Map.entry("text/plain", "# T"));
  }

  @Test
  void aDrawingShowsAsAPictureThatBrowsersRead() {
    Bundle bundle = displays.bundle(new Svg("<svg viewBox='0 0 40 30'><rect/></svg>"));
    assertThat(bundle.data()).containsEntry("text/plain", "SVG drawing 40 x 30");
    assertThat((String) bundle.data().get("image/svg+xml"))
        .startsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox");
    assertThat((String) bundle.data().get("text/html"))
        .matches(
            "<img alt=\"[^\"]*\" style=\"[^\"]*\" src=\"data:image/svg\\+xml;base64,[^\"]*\">");
  }

  @Test
  void aDrawingThatNoBrowserReadsIsRefused() {
    assertThatThrownBy(() -> new Svg("<svg>\n<g></svg>"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("svg: line 2, column ");
    assertThatThrownBy(() -> new Svg("<p/>"))
        .hasMessage(
            "svg: the text begins with <p>, expected <svg>; other HTML shows with html(...)");
    assertThatThrownBy(() -> new Svg("")).hasMessageStartingWith("svg: ");
  }
}
