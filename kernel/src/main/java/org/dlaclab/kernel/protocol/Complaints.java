package org.dlaclab.kernel.protocol;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the wire has to say to whoever runs the kernel: each thing once, however often it happens.
 * It goes to the process's stderr, since {@link System#err} may be a cell's by now.
 */
final class Complaints {
  private static final PrintStream STDERR =
      new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);

  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /** Says it, if it was not said before. */
  void say(String what) {
    if (said.add(what)) {
      STDERR.println("[jupyter] " + what);
    }
  }

  /** Says that something failed, with the trace of the first failure of its kind. */
  void say(String what, Throwable thrown) {
    if (said.add(what + ": " + thrown.getClass().getName())) {
      STDERR.println("[jupyter] " + what + ":");
      thrown.printStackTrace(STDERR);
    }
  }
}
