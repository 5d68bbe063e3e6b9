package org.dlaclab.kernel.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiConsumer;
import org.dlaclab.kernel.protocol.Message;

/** Requests that are answered one after another, in the order in which they came, on a thread. */
final class Lane implements AutoCloseable {
  private final LinkedBlockingQueue<Message> waiting = new LinkedBlockingQueue<>();
  private final Thread thread;

  Lane(String name, BiConsumer<Lane, Message> answer) {
    thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  answer.accept(this, waiting.take());
                }
              } catch (InterruptedException e) {
                // Closed: nobody waits for an answer any more.
                Thread.currentThread().interrupt();
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  void add(Message request) {
    waiting.add(request);
  }

  /** Takes the requests of a type that still wait out of the lane. */
  List<Message> withdraw(String type) {
    List<Message> taken = new ArrayList<>();
    waiting.removeIf(request -> request.type().equals(type) && taken.add(request));
    return taken;
  }

  /** Answers no further request. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
