package org.dlaclab.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dlaclab.Dlac.*;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.dlaclab.error.DlacException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {
  /** What decides how fast a training is and where it is kept, not what comes of it. */
  private static final Set<String> WITHOUT_EFFECT = Set.of("threads", "checkpoint");

  static Stream<Recipe> recipes() {
    return Stream.of(
        recipe(
            epochs(12),
            preInit(4),
            learningRate(plateau(0.05, 4, 0.5, 0.01, 30)),
            batchSize(64),
            momentum(0.8),
            weightDecay(1e-3),
            activationPenalty(0.25),
            reluThreshold(0.01),
            reluThreshold("r*", 0.1, 0.75),
            augment(crop(2), flip()),
            validation(0.2),
            randomSeed(7),
            threads(2),
            checkpoint("a")),
        recipe(epochs(12), learningRate(cosine(0.2)), adaptive(0.02)),
        recipe(epochs(12), learningRate(steps(0.2, 0.5, 0.75))),
        recipe(epochs(12), learningRate(0.2)));
  }

  /** A checkpoint is told from those of other recipes by this text. */
  @ParameterizedTest
  @MethodSource("recipes")
  void theTextChangesWithEveryFieldThatChangesTheTrainingAndWithNoOther(Recipe recipe)
      throws ReflectiveOperationException {
    for (RecordComponent component : Recipe.class.getRecordComponents()) {
      List<Object> others = others(component.getAccessor().invoke(recipe), component.getName());
      for (Object other : others) {
        Recipe changed = (Recipe) with(recipe, component, other);
        assertThat(changed).isNotEqualTo(recipe);
        assertThat(changed.toString().equals(recipe.toString()))
            .as("%s: %s", component.getName(), other)
            .isEqualTo(WITHOUT_EFFECT.contains(component.getName()));
      }
    }
  }

  /** The record with another value of one component. */
  private static Record with(Record record, RecordComponent changed, Object value)
      throws ReflectiveOperationException {
    RecordComponent[] components = record.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      components[i].getAccessor().setAccessible(true);
      values[i] =
          components[i].getName().equals(changed.getName())
              ? value
              : components[i].getAccessor().invoke(record);
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    return (Record) record.getClass().getDeclaredConstructor(types).newInstance(values);
  }

  /** Values that differ from this one in one place. */
  private static List<Object> others(Object value, String name)
      throws ReflectiveOperationException {
    List<Object> others = new ArrayList<>();
    if (value instanceof Integer number) {
      others.add(number + 1);
    } else if (value instanceof Long number) {
      others.add(number + 1);
    } else if (value instanceof Double number) {
      others.add(number == 0 ? 0.125 : number * (1 - 1e-9));
    } else if (value instanceof String text) {
      others.add(text + "?");
    } else if (value instanceof Optional<?> optional) {
      if (optional.isPresent()) {
        for (Object other : others(optional.get(), name)) {
          others.add(Optional.of(other));
        }
        others.add(Optional.empty());
      }
    } else if (value instanceof Path path) {
      others.add(path.resolve("other"));
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        List<Object> shorter = new ArrayList<>(list);
        shorter.remove(i);
        others.add(shorter);
        for (Object other : others(list.get(i), name)) {
          List<Object> changed = new ArrayList<>(list);
          changed.set(i, other);
          others.add(changed);
        }
      }
    } else if (value instanceof Record record) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        for (Object other : others(component.getAccessor().invoke(record), component.getName())) {
          others.add(with(record, component, other));
        }
      }
    } else {
      throw new AssertionError(name + " has a value of " + value.getClass());
    }
    return others;
  }

  @Test
  void rulesOfTheLearningRateDifferInTheirTexts() {
    assertThat(
            Stream.of(0.1, 1.0)
                .flatMap(
                    rate ->
                        Stream.of(
                            new LearningRate.Constant(rate),
                            cosine(rate),
                            steps(rate, 0.5),
                            plateau(rate)))
                .map(Object::toString))
        .doesNotHaveDuplicates();
  }

  @Test
  void optionsThatExcludeEachOtherAreRefused() {
    assertThatThrownBy(() -> recipe(adaptive(0.01), reluThreshold(0.1)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("adaptive");
    assertThatThrownBy(() -> recipe(adaptive(0.01), validation(0)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("validation");
    assertThatThrownBy(() -> recipe(epochs(3), epochs(4)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("epochs");
    assertThatThrownBy(() -> recipe(epochs(3), preInit(4)))
        .isInstanceOf(DlacException.class)
        .hasMessageContaining("preInit(4)");
  }
}
