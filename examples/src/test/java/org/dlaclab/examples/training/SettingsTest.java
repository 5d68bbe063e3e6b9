package org.dlaclab.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a training run can be told, and how it answers what it cannot. */
class SettingsTest {

  @Test
  void takesOptions() {
    Settings settings =
        Settings.parse("resnet20", "--epochs", "2", "--out", "a.safetensors", "--mirror", "false");
    assertThat(settings.network()).isEqualTo("resnet20");
    assertThat(settings.ternaryEpochs()).isEqualTo(2);
    assertThat(settings.out()).isEqualTo(Path.of("a.safetensors"));
    assertThat(settings.mirror()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--epochs 2 | no network is named",
        "lenet5 --epochs | \"--epochs\" is not followed by a value",
        "lenet5 epochs 2 | \"epochs\" is not followed by a value",
        "lenet5 --epochs two | --epochs is two",
        "lenet5 --epochs 0 | --epochs is 0",
        "lenet5 --epochs 1 --epochs 2 | --epochs is given twice",
        "lenet5 --epoch 2 | there is no option --epoch",
        "lenet5 --batch 0 | --batch is 0",
        "lenet5 --limit 100 | --limit is 100",
        "lenet5 --learning-rate 0 | --learning-rate is 0.0",
        "lenet5 --learning-rate NaN | --learning-rate is NaN",
        "lenet5 --learning-rate fast | --learning-rate is fast",
        "lenet5 --weight-decay -1 | --weight-decay is -1.0",
        "lenet5 --mirror yes | --mirror is yes",
        "lenet5 --threads 0 | --threads is 0",
        "lenet5 --seed 1.5 | --seed is 1.5",
        "lenet5 --epochs 99999999999 | --epochs is 99999999999",
      })
  void refusesWhatItCannotUse(String words, String problem) {
    assertThatThrownBy(() -> Settings.parse(words.strip().split(" ")))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void theLearningRateRisesThenFallsToZero() {
    Settings settings = Settings.parse("lenet5", "--learning-rate", "0.2");
    int steps = 5000;
    assertThat(settings.learningRate(0, steps)).isCloseTo(0.2 / Settings.WARM_UP, within(1e-6));
    for (int step = 1; step < Settings.WARM_UP; step++) {
      assertThat(settings.learningRate(step, steps))
          .isGreaterThan(settings.learningRate(step - 1, steps));
    }
    for (int step = Settings.WARM_UP + 1; step < steps; step++) {
      assertThat(settings.learningRate(step, steps))
          .isLessThan(settings.learningRate(step - 1, steps));
    }
    assertThat(settings.learningRate(steps / 2, steps)).isCloseTo(0.1, within(1e-9));
    assertThat(settings.learningRate(steps - 1, steps)).isCloseTo(0, within(1e-6));
  }

  @Test
  void anAccuracyIsReadAsItIsWritten() {
    Accuracy accuracy = new Accuracy(9154, 10_000);
    assertThat(accuracy).hasToString("91.54 % (9154 of 10000)");
    assertThat(Accuracy.parse(accuracy.toString())).isEqualTo(accuracy);
    assertThatThrownBy(() -> Accuracy.parse("about 91 %"))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("about 91 %");
  }
}
