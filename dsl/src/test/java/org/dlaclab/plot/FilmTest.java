package org.dlaclab.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dlaclab.error.Refusals.assertRefused;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilmTest {
  /** Two cells: at first both wait, then one works; the last frame is longer. */
  private static final Film FILM =
      new Film(
          "Work & <rest>",
          "of two cells",
          "PE",
          "cycle",
          1,
          2,
          List.of("work", "wait"),
          List.of(
              new Film.Frame("loads", 10, 1, List.of(List.of(0, 0), List.of(1, 1))),
              new Film.Frame("</script>", 11, 1, List.of(List.of(1, 0), List.of(0, 1))),
              new Film.Frame("works", 12, 4, List.of(List.of(3, 1), List.of(1, 3)))));

  @Test
  void thePictureShowsTheFirstFrameInWhichCellsDiffer() {
    assertThat(FILM.line(FILM.shown())).isEqualTo("cycle 11: </script>");
    assertThat(FILM.svg())
        .contains("cycle 11: &lt;/script&gt; (one frame)", ">work<", ">wait<", ">of two cells<");
  }

  @Test
  void theScriptHasEachCellsShareOfEachFrame() throws Exception {
    JsonNode film = new ObjectMapper().readTree(FilmScript.json(FILM));
    String digits = film.at("/digits").asText();
    for (int f = 0; f < 3; f++) {
      Film.Frame frame = FILM.frames().get(f);
      for (int s = 0; s < 2; s++) {
        String spent = film.at("/frames/" + f + "/spent/" + s).asText();
        for (int cell = 0; cell < 2; cell++) {
          double share =
              (double) digits.indexOf(spent.charAt(spent.length() == 1 ? 0 : cell))
                  / (digits.length() - 1);
          assertThat(share)
              .isCloseTo((double) frame.spent().get(s).get(cell) / frame.length(), within(0.01));
        }
      }
    }
    assertThat(film.at("/frames/2/means/0").asDouble()).isEqualTo(0.5);
    assertThat(film.at("/frames/2/line").asText()).isEqualTo("cycles 12 to 15: works");
    assertThat(film.at("/shown").asInt()).isEqualTo(1);
  }

  @Test
  void thePageNeedsNothingElseAndNoCaptionEndsItsScript() {
    String html = FILM.html();
    assertThat(html)
        .contains("<svg", "type = \"range\"", "data-lm-suppress-shortcuts")
        .doesNotContain("$FILM", "$ID")
        .doesNotContainPattern("(?i)(src|href)\\s*=|url\\(|@import");
    assertThat(html.split("</script>", -1)).hasSize(2);
    assertThat(Page.html("page", List.of(new Section("Film", FILM))))
        .contains("data-dlac-film=\"film-1\"", "<svg");
  }

  @Test
  void theTextIsALinePerState() {
    assertThat(FILM.text(60))
        .isEqualTo(
            """
            Work & <rest>
            of two cells
            cycles 10 to 15, 1 x 2 PEs
            work  ▅▅
            wait █▅▅""");
  }

  @Test
  void timesThatDoNotAddUpAreRefused() {
    refused(new Film.Frame("", 0, 2, List.of(List.of(1, 1), List.of(1, 0))));
    refused(new Film.Frame("", 0, 2, List.of(List.of(1, 1), List.of(1))));
    refused(new Film.Frame("", 0, 2, List.of(List.of(1, 3), List.of(1, -1))));
    Film.Frame one = new Film.Frame("", 0, 1, List.of(List.of(1, 1), List.of(0, 0)));
    refused(one, one);
    assertRefused(
        () -> new Film("t", "", "PE", "cycle", 1, 2, List.of("a"), List.of()), "\"t\"", "no frame");
  }

  private static void refused(Film.Frame... frames) {
    assertRefused(
        () -> new Film("t", "", "PE", "cycle", 1, 2, List.of("a", "b"), List.of(frames)),
        "film \"t\"",
        "add up");
  }
}
