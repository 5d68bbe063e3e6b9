package org.dlaclab.library;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Libraries that are large and rarely needed: they are looked for when they are, on the class path
 * and among what a notebook has added to it, and called by the names of their classes and methods.
 * So nothing here needs them to be built or loaded.
 */
public final class Library {
  private Library() {}

  /** A class by its full name, if it is there. */
  public static Optional<Class<?>> find(String name) {
    // What %maven adds, only the class loader of the cell sees.
    ClassLoader ofCell = Thread.currentThread().getContextClassLoader();
    try {
      return Optional.of(
          Class.forName(name, true, ofCell == null ? Library.class.getClassLoader() : ofCell));
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  /** A class of a library that is there. */
  public static Class<?> type(String name) {
    return find(name).orElseThrow(() -> otherVersion(name));
  }

  /** Makes an object by the public constructor that takes these arguments. */
  public static Object construct(Class<?> type, Object... arguments) {
    for (Constructor<?> constructor : type.getConstructors()) {
      if (takes(constructor.getParameterTypes(), arguments)) {
        try {
          return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
          throw thrown(e);
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw otherVersion("a constructor of " + type.getName());
  }

  /** A constant of an enum. */
  public static Object constant(String type, String name) {
    return callStatic(type(type), "valueOf", name);
  }

  /**
   * Calls a public method of this name that takes these arguments.
   *
   * @return what it returns; an empty text for nothing
   */
  public static Object call(Object target, String name, Object... arguments) {
    return call(target.getClass(), target, name, arguments);
  }

  /** As the other, of a class. */
  public static Object callStatic(Class<?> type, String name, Object... arguments) {
    return call(type, null, name, arguments);
  }

  private static Object call(
      Class<?> type, @Nullable Object target, String name, Object... arguments) {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && takes(method.getParameterTypes(), arguments)) {
        try {
          // Of a public interface, in a class that is not public.
          method.trySetAccessible();
          Object value = method.invoke(target, arguments);
          return value == null ? "" : value;
        } catch (InvocationTargetException e) {
          throw thrown(e);
        } catch (IllegalAccessException e) {
          throw new IllegalStateException(e);
        }
      }
    }
    throw otherVersion(type.getName() + "." + name);
  }

  private static IllegalStateException otherVersion(String what) {
    return new IllegalStateException(
        "there is no " + what + ": another version of the library than DLAC Lab knows");
  }

  private static RuntimeException thrown(InvocationTargetException e) {
    return e.getCause() instanceof RuntimeException cause
        ? cause
        : new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
  }

  private static boolean takes(Class<?>[] types, Object... arguments) {
    if (types.length != arguments.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      boolean fits =
          types[i] == int.class
              ? arguments[i] instanceof Integer
              : types[i].isInstance(arguments[i]);
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
