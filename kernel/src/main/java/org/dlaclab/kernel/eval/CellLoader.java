package org.dlaclab.kernel.eval;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jdk.jshell.execution.LoaderDelegate;
import jdk.jshell.spi.ExecutionControl.ClassBytecodes;
import jdk.jshell.spi.ExecutionControl.ClassInstallException;
import jdk.jshell.spi.ExecutionControl.InternalException;

/** Loads the classes of cells and what was added to the class path. The JVM's own come first. */
final class CellLoader extends URLClassLoader implements LoaderDelegate {
  static {
    registerAsParallelCapable();
  }

  /** Woven classes that are not defined yet: one may refer to another that comes after it. */
  private final Map<String, byte[]> pending = new ConcurrentHashMap<>();

  CellLoader(ClassLoader parent) {
    super("cells", new URL[0], parent);
    setPackageAssertionStatus(
        "REPL", true); // Nobody writes an assert in a cell to have it skipped.
  }

  @Override
  public void load(ClassBytecodes[] classes) throws ClassInstallException {
    for (ClassBytecodes c : classes) {
      pending.put(c.name(), Weaver.weave(c.bytecodes()));
    }
    boolean[] loaded = new boolean[classes.length];
    for (int i = 0; i < classes.length; i++) {
      try {
        // Far enough to find out whether all that its methods name is there.
        Method[] unused = loadClass(classes[i].name()).getDeclaredMethods();
        loaded[i] = true;
      } catch (ClassNotFoundException | LinkageError e) {
        throw new ClassInstallException(String.valueOf(e.getMessage()), loaded);
      }
    }
  }

  @Override
  public Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = pending.remove(name);
    return bytes == null ? super.findClass(name) : defineClass(name, bytes, 0, bytes.length);
  }

  @Override
  public void classesRedefined(ClassBytecodes[] classes) {
    throw new UnsupportedOperationException("JShell replaces classes, it does not redefine them");
  }

  @Override
  public void addToClasspath(String path) throws InternalException {
    for (String entry : path.split(File.pathSeparator, -1)) {
      try {
        addURL(new File(entry).toURI().toURL());
      } catch (MalformedURLException e) {
        throw new InternalException(entry + ": " + e.getMessage());
      }
    }
  }
}
