package org.dlaclab.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import org.dlaclab.progress.Live;
import org.junit.jupiter.api.Test;

class PlacesTest {
  private final Collected notebook = new Collected();
  private final Places places = new Places(notebook);

  @Test
  void workInsideOfOtherWorkHasNoViewOfItsOwn() {
    Live.Display study = places.live("study");
    study.show(() -> "two of three", "");
    Live.Display training = places.live("training");
    training.show(() -> "epoch 1", "");
    training.end(() -> "epoch 2");
    study.end(() -> "three of three");
    assertThat(notebook.displayed).containsExactly("two of three", "three of three");
  }

  @Test
  void whatComesAfterIsShownAgain() {
    places.live("one").end(() -> "the first");
    places.live("two").end(() -> "the second");
    assertThat(notebook.displayed).containsExactly("the first", "the second");
  }
}
