package org.dlaclab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.plot.LineChart;
import org.dlaclab.plot.LineChart.Axis;
import org.dlaclab.plot.LineChart.Line;
import org.dlaclab.progress.Live;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LiveViewTest {
  private final Collected notebook = new Collected();
  private final AtomicLong nanos = new AtomicLong();
  private final LiveView view = new LiveView("training", notebook, nanos::get);

  @AfterEach
  void nobodyLooks() {
    Live.showBy(null);
  }

  private static LineChart chart(double... errors) {
    return new LineChart("Error", "", Axis.linear("epoch"), Axis.linear("%"), Line.of("e", errors));
  }

  @Test
  void aNotebookShowsLiveValuesInOnePlaceAndKeepsTheLast() {
    try (Live live = Live.of("training")) {
      live.show(() -> "one", "epoch 1");
      live.show(() -> "two", "epoch 2");
      assertThat(notebook.displayed).containsExactly("one");
    }
    assertThat(notebook.displayed).containsExactly("one", "two");
  }

  @Test
  void valuesAreMadeAtMostOnceASecond() {
    AtomicInteger made = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      view.show(made::incrementAndGet, "");
      nanos.addAndGet(100_000_000);
    }
    assertThat(made).hasValue(10);
  }

  @Test
  void whereAValueTakesLongToShowWorkGoesFirst() {
    AtomicInteger made = new AtomicInteger();
    for (int i = 0; i < 100; i++) {
      view.show(
          () -> {
            nanos.addAndGet(200_000_000);
            return made.incrementAndGet();
          },
          "");
      nanos.addAndGet(100_000_000);
    }
    assertThat(made).as("200 ms of every 5.2 s").hasValue(2);
  }

  @Test
  void aChartIsAPictureWhileItChangesAndInteractiveInTheEnd() {
    view.show(() -> chart(3), "");
    view.end(() -> chart(3, 2));
    Bundle first = (Bundle) notebook.displayed.get(0);
    assertThat(first.data()).containsKeys("image/png", "text/plain", "text/html");
    assertThat((String) first.data().get("text/html")).startsWith("<img").doesNotContain("script");
    assertThat(notebook.displayed.get(1)).isEqualTo(chart(3, 2));
  }

  @Test
  void workGoesOnWhereItsViewFails() {
    view.show(
        () -> {
          throw new IllegalStateException("no curves");
        },
        "");
    view.end(() -> "end");
    assertThat(notebook.displayed).isEmpty();
  }

  @Test
  void workThatEndsBeforeItShowsAnythingShowsNothing() {
    view.end(null);
    assertThat(notebook.displayed).isEmpty();
  }
}
