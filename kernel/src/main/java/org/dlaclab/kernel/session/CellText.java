package org.dlaclab.kernel.session;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;

/**
 * What a cell prints, in the order in which it was printed, sent in pieces: a message per line
 * would drown a front end, so text waits for up to 40 ms or 32 KiB. Bytes become text only when a
 * character is whole.
 */
final class CellText {
  /** The two streams, by their names in the protocol. */
  enum Stream {
    STDOUT("stdout"),
    STDERR("stderr");

    private final String title;

    Stream(String title) {
      this.title = title;
    }
  }

  private static final long DELAY_MILLIS = 40;
  private static final int MOST = 32 * 1024;

  private final BiPredicate<String, String> send;
  private final ScheduledExecutorService timer;
  private final Map<Stream, Decoder> decoders =
      Map.of(Stream.STDOUT, new Decoder(), Stream.STDERR, new Decoder());

  /**
   * Held by whoever sends, which may take long. The monitor, which guards what waits, never is: who
   * prints a little waits for no front end, and who must wait can be interrupted.
   */
  private final ReentrantLock sending = new ReentrantLock();

  /** What waits, oldest first; neighbours are of different streams. */
  private Deque<Piece> waiting = new ArrayDeque<>();

  private int length;
  private boolean scheduled;

  private record Piece(Stream stream, StringBuilder text) {}

  /**
   * @param send gets a stream's name and text; it may block while front ends are slower than the
   *     cell, and is false if the thread was interrupted meanwhile
   * @param timer sends what waits
   */
  CellText(BiPredicate<String, String> send, ScheduledExecutorService timer) {
    this.send = send;
    this.timer = timer;
  }

  void write(Stream to, byte[] bytes, int offset, int count) {
    if (add(to, bytes, offset, count) >= MOST || !schedule()) {
      flush();
    }
  }

  private synchronized int add(Stream to, byte[] bytes, int offset, int count) {
    CharBuffer text = Objects.requireNonNull(decoders.get(to)).decode(bytes, offset, count);
    if (text.hasRemaining()) {
      Piece last = waiting.peekLast();
      if (last == null || last.stream() != to) {
        last = new Piece(to, new StringBuilder());
        waiting.add(last);
      }
      last.text().append(text);
      length += text.length();
    }
    return length;
  }

  /** Sends later what waits; false if the kernel closes, and there is no later. */
  private synchronized boolean schedule() {
    if (!scheduled && length > 0) {
      try {
        ScheduledFuture<?> unused =
            timer.schedule(this::flushLater, DELAY_MILLIS, TimeUnit.MILLISECONDS);
        scheduled = true;
      } catch (RejectedExecutionException e) {
        return false;
      }
    }
    return true;
  }

  private void flushLater() {
    synchronized (this) {
      scheduled = false;
    }
    flush();
  }

  /** Sends what waits, so that whatever is sent next comes after it. */
  void flush() {
    try {
      sending.lockInterruptibly();
    } catch (InterruptedException e) {
      // An interrupt ends the cell, but loses no text: the timer sends it.
      Thread.currentThread().interrupt();
      boolean unused = schedule();
      return;
    }
    try {
      Deque<Piece> pieces = take();
      while (!pieces.isEmpty()) {
        Piece oldest = pieces.element();
        if (!send.test(oldest.stream().title, oldest.text().toString())) {
          putBack(pieces);
          boolean unused = schedule();
          return;
        }
        pieces.remove();
      }
    } finally {
      sending.unlock();
    }
  }

  private synchronized Deque<Piece> take() {
    Deque<Piece> taken = waiting;
    waiting = new ArrayDeque<>();
    length = 0;
    return taken;
  }

  private synchronized void putBack(Deque<Piece> pieces) {
    pieces.forEach(piece -> length += piece.text().length());
    pieces.addAll(waiting);
    waiting = pieces;
  }

  /** UTF-8, which may come in any pieces. */
  private static final class Decoder {
    private final CharsetDecoder utf8 =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer rest = ByteBuffer.allocate(0);

    CharBuffer decode(byte[] bytes, int offset, int length) {
      ByteBuffer in;
      if (rest.hasRemaining()) {
        in = ByteBuffer.allocate(rest.remaining() + length);
        in.put(rest).put(bytes, offset, length).flip();
      } else {
        in = ByteBuffer.wrap(bytes, offset, length);
      }
      CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
      utf8.decode(in, out, false);
      byte[] left = new byte[in.remaining()];
      in.get(left);
      rest = ByteBuffer.wrap(left);
      return out.flip();
    }
  }
}
