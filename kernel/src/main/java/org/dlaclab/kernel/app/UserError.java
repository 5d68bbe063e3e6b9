package org.dlaclab.kernel.app;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** What is said to the user in one line, and the exit code. */
final class UserError extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final int code;

  UserError(int code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  UserError(int code, String message) {
    this(code, message, null);
  }

  int code() {
    return code;
  }
}
