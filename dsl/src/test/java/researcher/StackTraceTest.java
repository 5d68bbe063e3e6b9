package researcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.dlaclab.Dlac.conv;
import static org.dlaclab.Dlac.filters;
import static org.dlaclab.Dlac.ifm;
import static org.dlaclab.Dlac.kernel;
import static org.dlaclab.Dlac.network;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.dlaclab.Dlac;
import org.dlaclab.error.DlacException;
import org.dlaclab.infer.Inference;
import org.dlaclab.network.Weights;
import org.junit.jupiter.api.Test;

/** The stack trace of a refusal, seen from a user's code: outside of the packages of DLAC Lab. */
class StackTraceTest {
  @Test
  void beginsWithTheLineThatTheUserWrote() {
    Throwable thrown =
        catchThrowable(() -> network("n", ifm(3, 4, 4), conv("c", filters(8), kernel(9))));
    assertThat(thrown.getStackTrace()[0].getClassName()).isEqualTo(getClass().getName());
  }

  @Test
  void keepsTheFramesOfLibrariesBetweenTheUserAndDlacLab() {
    Throwable thrown = catchThrowable(() -> Stream.of("resnet51").map(Dlac::zoo).toList());
    assertThat(thrown).isInstanceOf(DlacException.class);
    assertThat(thrown.getStackTrace()[0].getClassName()).startsWith("java.util.stream.");
  }

  @Test
  void hidesTheJdkFramesThatDlacLabItselfWentThrough() {
    // The layers that are asked for are looked up in a stream.
    var network = network("n", ifm(3, 4, 4), conv("c", filters(8), kernel(3)));
    var weights = Weights.random(network, 1);
    Throwable thrown = catchThrowable(() -> Inference.of(weights, Dlac.policy("p"), List.of("d")));
    assertThat(thrown).isInstanceOf(DlacException.class).hasMessageContaining("no layer \"d\"");
    assertThat(thrown.getStackTrace())
        .noneMatch(frame -> frame.getClassName().startsWith("org.dlaclab."));
    assertThat(thrown.getStackTrace()[0].getClassName()).isEqualTo(getClass().getName());
  }

  @Test
  void keepsEveryFrameIfAsked() {
    System.setProperty("dlac.debug", "true");
    try {
      Throwable thrown = catchThrowable(() -> Dlac.zoo("resnet51"));
      assertThat(thrown.getStackTrace()[0].getClassName()).startsWith("org.dlaclab.");
    } finally {
      System.clearProperty("dlac.debug");
    }
  }

  @Test
  void keepsTheCause() {
    IOException cause = new IOException("disk on fire");
    DlacException thrown = new DlacException("problem", "expected", "hint", cause);
    assertThat(thrown)
        .hasCause(cause)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("problem\n  expected: expected\n  try:      hint");
  }
}
