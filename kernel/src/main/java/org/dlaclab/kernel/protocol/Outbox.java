package org.dlaclab.kernel.protocol;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be published, in order. When it is full, those who put something wait, in order
 * too, until the slowest client has taken enough.
 */
final class Outbox {
  private final int mostMessages;
  private final long mostBytes;

  /** Held by the one who waits for room; the others wait for it. */
  private final ReentrantLock turn = new ReentrantLock(true);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Deque<List<byte[]>> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  Outbox(int mostMessages, long mostBytes) {
    this.mostMessages = mostMessages;
    this.mostBytes = mostBytes;
  }

  /**
   * Adds a message as soon as there is room; any fits into an empty box.
   *
   * @throws InterruptedException if interrupted while it waits; the message is not added then
   */
  void put(List<byte[]> message) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      lock.lockInterruptibly();
      try {
        long size = size(message);
        while (!closed
            && !waiting.isEmpty()
            && (waiting.size() >= mostMessages || bytes + size > mostBytes)) {
          room.await();
        }
        add(message, size);
      } finally {
        lock.unlock();
      }
    } finally {
      turn.unlock();
    }
  }

  /** Adds a message at once, room or not: small ones that must not wait. */
  void putNow(List<byte[]> message) {
    lock.lock();
    try {
      add(message, size(message));
    } finally {
      lock.unlock();
    }
  }

  private void add(List<byte[]> message, long size) {
    if (!closed) {
      waiting.add(message);
      bytes += size;
    }
  }

  /** The oldest message; null if there is none. */
  @Nullable List<byte[]> oldest() {
    lock.lock();
    try {
      return waiting.peek();
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest message away: it is sent. */
  void sent() {
    lock.lock();
    try {
      bytes -= size(waiting.remove());
      // Half empty, so that whoever waits can put many before it waits again.
      if (waiting.size() <= mostMessages / 2 && bytes <= mostBytes / 2) {
        room.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nothing is added from now on, and nobody waits. */
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long size(List<byte[]> message) {
    long size = 0;
    for (byte[] frame : message) {
      size += frame.length;
    }
    return size;
  }
}
