package org.dlaclab.kernel.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;
import org.dlaclab.kernel.protocol.Message;
import org.jspecify.annotations.Nullable;

/** Requests that are answered one after another, in the order in which they came, on a thread. */
final class Lane implements AutoCloseable {
  /** The first one is being answered, or is about to be. */
  private final Deque<Message> requests = new ArrayDeque<>();

  private final BiConsumer<Lane, Message> answer;
  private final Thread thread;

  Lane(String name, BiConsumer<Lane, Message> answer) {
    this.answer = answer;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        answer.accept(this, next());
        synchronized (this) {
          requests.removeFirst();
        }
      }
    } catch (InterruptedException e) {
      // Closed: nobody waits for an answer any more.
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Message next() throws InterruptedException {
    while (requests.isEmpty()) {
      wait();
    }
    return requests.getFirst();
  }

  synchronized void add(Message request) {
    requests.add(request);
    notifyAll();
  }

  /** The request of a type that is answered now or, if there is none, the next one. */
  synchronized @Nullable Message first(String type) {
    return requests.stream()
        .filter(request -> request.type().equals(type))
        .findFirst()
        .orElse(null);
  }

  /** Takes the requests of a type out of the lane that wait behind the one that is answered now. */
  synchronized List<Message> withdraw(String type) {
    List<Message> taken = new ArrayList<>();
    Iterator<Message> waiting = requests.iterator();
    waiting.next();
    while (waiting.hasNext()) {
      Message request = waiting.next();
      if (request.type().equals(type)) {
        taken.add(request);
        waiting.remove();
      }
    }
    return taken;
  }

  /** Answers no further request. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
