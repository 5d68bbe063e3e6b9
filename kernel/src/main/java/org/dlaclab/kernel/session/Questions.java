package org.dlaclab.kernel.session;

import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.dlaclab.kernel.protocol.Channel;
import org.dlaclab.kernel.protocol.Message;
import org.dlaclab.kernel.protocol.Wire;
import org.jspecify.annotations.Nullable;

/** Lines that cells ask the user for. */
final class Questions {
  private final Wire wire;

  /** By session of the front end: who waits. It answers the question that it was asked last. */
  private final Map<String, BlockingQueue<String>> waiting = new ConcurrentHashMap<>();

  Questions(Wire wire) {
    this.wire = wire;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws IllegalStateException if the front end cannot ask
   * @throws CancellationException if the cell is interrupted
   */
  String ask(@Nullable Cell cell, String prompt, boolean password) {
    if (cell == null || !cell.mayAsk()) {
      throw new IllegalStateException(
          "this front end cannot ask for input (allow_stdin is false), as when a notebook runs without a user;"
              + " give the value in the cell, or run the cell in JupyterLab");
    }
    BlockingQueue<String> answer = new ArrayBlockingQueue<>(1);
    String key = cell.request().session();
    waiting.put(key, answer);
    try {
      cell.text().flush();
      wire.send(
          Channel.STDIN,
          cell.request(),
          "input_request",
          Json.object("prompt", prompt, "password", password));
      return answer.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while it waited for input");
    } finally {
      waiting.remove(key, answer);
    }
  }

  /** An answer came; one that nobody waits for any more is dropped. */
  void answered(Message reply) {
    BlockingQueue<String> answer = waiting.get(reply.session());
    if (answer != null) {
      answer.offer(Json.text(reply.content(), "value", ""));
    }
  }
}
