package org.dlaclab.kernel.protocol;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The kernel can not connect as it was told to; the message says why and what to try. */
public final class ConnectionException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  ConnectionException(String message) {
    super(message);
  }

  ConnectionException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
