package org.dlaclab.notebook;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.dlaclab.kernel.display.Bundle;
import org.dlaclab.kernel.display.Notebook;

/** A notebook that keeps how values show, with the DSL installed. */
final class Collected implements Notebook {
  private final Map<Class<?>, Function<Object, Bundle>> renderings = new LinkedHashMap<>();
  final List<Object> displayed = new ArrayList<>();

  Collected() {
    connect();
  }

  /** Makes this the notebook where progress shows. */
  void connect() {
    new DlacDisplays().install(this);
  }

  Set<Class<?>> types() {
    return renderings.keySet();
  }

  /** As the kernel would show the value. */
  Bundle bundle(Object value) {
    if (value instanceof Bundle bundle) {
      return bundle;
    }
    return find(value.getClass())
        .orElseThrow(() -> new AssertionError("no rendering of " + value.getClass()))
        .apply(value);
  }

  private Optional<Function<Object, Bundle>> find(Class<?> type) {
    for (Class<?> at = type; at != null; at = at.getSuperclass()) {
      if (renderings.containsKey(at)) {
        return Optional.of(renderings.get(at));
      }
    }
    return renderings.keySet().stream()
        .filter(known -> known.isAssignableFrom(type))
        .findFirst()
        .map(renderings::get);
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T> void show(Class<T> type, Function<? super T, Bundle> how) {
    renderings.put(type, (Function<Object, Bundle>) how);
  }

  @Override
  public Handle display(Object value) {
    return display(value, "id-" + displayed.size());
  }

  @Override
  public Handle display(Object value, String id) {
    displayed.add(value);
    return new Handle() {
      @Override
      public String id() {
        return id;
      }

      @Override
      public void update(Object next) {
        displayed.add(next);
      }
    };
  }

  @Override
  public void update(Object value, String id) {
    displayed.add(value);
  }

  @Override
  public void clearOutput(boolean waitForNext) {
    displayed.clear();
  }

  @Override
  public String input(String prompt, boolean password) {
    throw new AssertionError("nothing of the DSL asks");
  }
}
