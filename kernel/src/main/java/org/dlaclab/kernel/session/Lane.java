package org.dlaclab.kernel.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.dlaclab.kernel.protocol.Message;
import org.jspecify.annotations.Nullable;

/** Requests that are answered one after another, in the order in which they came, on a thread. */
final class Lane implements AutoCloseable {
  /** The first one is being answered, or is about to be. */
  private final Deque<Message> requests = new ArrayDeque<>();

  private final BiConsumer<Lane, Message> answer;
  private final Thread thread;
  private boolean finished;

  Lane(String name, BiConsumer<Lane, Message> answer) {
    this.answer = answer;
    thread = Daemon.of(name, this::run);
    thread.start();
  }

  private void run() {
    for (Message request = next(); request != null; request = next()) {
      try {
        answer.accept(this, request);
      } catch (Throwable e) {
        // Those behind it still want their answers.
        System.err.println("The kernel could not answer a " + request.type() + ": " + e);
      } finally {
        synchronized (this) {
          requests.remove();
        }
      }
    }
  }

  private synchronized @Nullable Message next() {
    while (requests.isEmpty() && !finished) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Meant for code that the thread ran for the request before.
      }
    }
    return requests.peek();
  }

  /** Adds a request; false if the lane takes none any more. */
  synchronized boolean add(Message request) {
    if (!finished) {
      requests.add(request);
      notifyAll();
    }
    return !finished;
  }

  /** The request of one of some types that is answered now or, if there is none, the next one. */
  synchronized @Nullable Message first(Set<String> types) {
    return requests.stream()
        .filter(request -> types.contains(request.type()))
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

  /** Takes no further request, and ends when those that wait are answered. */
  synchronized void finish() {
    finished = true;
    notifyAll();
  }

  /** Answers no further request: ends after the one that is answered now. */
  @Override
  public synchronized void close() {
    while (requests.size() > 1) {
      requests.removeLast();
    }
    finish();
  }

  /** Whether it ends within a time. */
  boolean ends(long millis) throws InterruptedException {
    thread.join(millis);
    return !thread.isAlive();
  }
}
