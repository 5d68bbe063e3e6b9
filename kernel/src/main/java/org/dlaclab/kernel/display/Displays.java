package org.dlaclab.kernel.display;

import java.awt.image.RenderedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.DisplayDataRenderable;
import org.dflib.jjava.jupyter.kernel.display.RenderFunction;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.jspecify.annotations.Nullable;

/** How values show: a {@link Bundle} for each. It may be used from any thread. */
public final class Displays {
  private final List<Way<?>> ways = new CopyOnWriteArrayList<>();
  private final Renderer renderer = new Registering();
  private final Consumer<String> notes;

  /** What is built in. A way to show that fails is named on standard error. */
  public Displays() {
    this(note -> System.err.println(note));
  }

  Displays(Consumer<String> notes) {
    this.notes = notes;
    show(Html.class, Html::bundle);
    show(Markdown.class, Markdown::bundle);
    show(Latex.class, Latex::bundle);
    show(Svg.class, Svg::bundle);
    show(Image.class, Image::bundle);
    show(RenderedImage.class, Image::bundle);
    show(Bundle.class, bundle -> bundle);
    show(DisplayData.class, Bundle::of);
    show(DisplayDataRenderable.class, value -> Bundle.of(renderer.render(value)));
    show(Notebook.Handle.class, handle -> Bundle.nothing());
    show(ProgressBar.class, bar -> Bundle.nothing());
  }

  /**
   * From now on, values of a type and of its subtypes show like this. The nearest type wins: the
   * class before a superclass before an interface. Then the newest.
   */
  public synchronized <T> void show(Class<T> type, Function<? super T, Bundle> how) {
    ways.removeIf(way -> way.type() == type);
    ways.add(new Way<>(type, how));
  }

  /**
   * Where libraries that were made for JJava say how their values show. A type that is registered
   * here counts like one given to {@link #show}.
   */
  public Renderer renderer() {
    return renderer;
  }

  /**
   * A value in all its forms, {@code text/plain} always among them. It is empty for what should not
   * show at all, such as a {@link Notebook.Handle}, whose value is shown already. A value whose own
   * way to show fails shows as text.
   */
  public Bundle bundle(@Nullable Object value) {
    if (value != null) {
      Optional<Way<?>> way = nearest(value.getClass());
      if (way.isPresent()) {
        try {
          Bundle bundle = way.get().show(value);
          if (bundle != null) {
            return withText(bundle, value);
          }
          note(value, way.get(), "gives null");
        } catch (Throwable e) {
          Text.throwIfStop(e);
          note(value, way.get(), "throws " + Text.describe(e));
        }
      }
    }
    Bundle text = Bundle.text(Text.of(value));
    return value == null
        ? text
        : table(value).map(html -> text.with("text/html", html)).orElse(text);
  }

  private static Optional<String> table(Object value) {
    try {
      return RecordTable.html(value);
    } catch (Throwable e) {
      Text.throwIfStop(e);
      return Optional.empty(); // The text says what failed.
    }
  }

  private void note(Object value, Way<?> way, String failure) {
    notes.accept(
        "A "
            + value.getClass().getSimpleName()
            + " shows as text, since the display of "
            + way.type().getSimpleName()
            + " "
            + failure);
  }

  private static Bundle withText(Bundle bundle, Object value) {
    return bundle.isEmpty() || bundle.data().containsKey("text/plain")
        ? bundle
        : bundle.with("text/plain", value instanceof Bundle ? "" : Text.of(value));
  }

  private Optional<Way<?>> nearest(Class<?> type) {
    List<Way<?>> fit = new ArrayList<>();
    for (Way<?> way : ways) {
      if (way.type().isAssignableFrom(type)) {
        fit.add(way);
      }
    }
    // The later of two equals wins, hence >= 0.
    Comparator<Way<?>> nearer = Comparator.comparingInt(way -> -way.distance(type));
    return fit.stream()
        .filter(way -> fit.stream().noneMatch(other -> other.isNearerInterface(way)))
        .reduce((best, next) -> nearer.compare(next, best) >= 0 ? next : best);
  }

  /** How the values of a type show. */
  private record Way<T>(Class<T> type, Function<? super T, Bundle> how) {
    // What users give may return null all the same.
    @Nullable Bundle show(Object value) {
      return how.apply(type.cast(value));
    }

    boolean isNearerInterface(Way<?> other) {
      return other.type.isInterface() && type != other.type && other.type.isAssignableFrom(type);
    }

    /**
     * From a class to this one of its types: superclasses are near, then come interfaces, those of
     * the class itself first, and Object is farthest.
     */
    int distance(Class<?> from) {
      if (type == Object.class) {
        return Integer.MAX_VALUE;
      }
      int steps = 0;
      Class<?> at = from;
      while (at.getSuperclass() != null
          && type.isAssignableFrom(at.getSuperclass())
          && (type.isInterface() || at != type)) {
        at = at.getSuperclass();
        steps++;
      }
      return type.isInterface() ? 1_000_000 + steps : steps;
    }
  }

  /** Tells what libraries register, which a Renderer keeps to itself. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // as the class it extends
  private final class Registering extends Renderer {
    @Override
    public <T> void register(
        Set<MIMEType> supported,
        Set<MIMEType> preferred,
        Set<Class<? extends T>> types,
        RenderFunction<T> function) {
      super.register(supported, preferred, types, function);
      types.forEach(type -> show((Class) type, value -> Bundle.of(render(value))));
    }

    @Override
    protected DisplayData finalizeDisplayData(DisplayData data, Object value) {
      if (!data.hasDataForType(MIMEType.TEXT_PLAIN)) {
        data.putText(Text.of(value));
      }
      return data;
    }
  }
}
