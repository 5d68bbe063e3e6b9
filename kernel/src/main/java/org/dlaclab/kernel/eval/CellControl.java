package org.dlaclab.kernel.eval;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import jdk.jshell.execution.DirectExecutionControl;
import org.jspecify.annotations.Nullable;

/** Runs the compiled code of cells in this JVM, and keeps values as objects. */
final class CellControl extends DirectExecutionControl {
  /** Runs the method of a statement. */
  interface Runner {
    void run(Method statement) throws RunException;
  }

  private final CellLoader loader;
  private final Runner runner;
  private @Nullable Object read;

  CellControl(CellLoader loader, Runner runner) {
    super(loader);
    this.loader = loader;
    this.runner = runner;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    return Class.forName(name, false, loader);
  }

  @Override
  public String invoke(String className, String methodName) throws RunException, InternalException {
    try {
      Method method = findClass(className).getDeclaredMethod(methodName);
      method.setAccessible(true);
      runner.run(method);
      return "";
    } catch (ReflectiveOperationException e) {
      throw new InternalException(e.toString());
    }
  }

  /** Remembers the value instead of showing it: {@code toString} is code of users. */
  @Override
  public String varValue(String className, String name) throws InternalException {
    try {
      Field field = findClass(className).getDeclaredField(name);
      field.setAccessible(true);
      read = field.get(null);
      return "";
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new InternalException(e.toString());
    }
  }

  /** The value of the variable that JShell asked for last. */
  @Nullable Object takeRead() {
    Object value = read;
    read = null;
    return value;
  }
}
