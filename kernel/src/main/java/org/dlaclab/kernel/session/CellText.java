package org.dlaclab.kernel.session;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
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
  private final StringBuilder pending = new StringBuilder();
  private Stream stream = Stream.STDOUT;
  private boolean scheduled;

  /**
   * @param send gets a stream's name and text; it may block while front ends are slower than the
   *     cell, and is false if the thread was interrupted meanwhile
   * @param timer sends what waits
   */
  CellText(BiPredicate<String, String> send, ScheduledExecutorService timer) {
    this.send = send;
    this.timer = timer;
  }

  synchronized void write(Stream to, byte[] bytes, int offset, int length) {
    if (to != stream) {
      flush();
      stream = to;
    }
    Objects.requireNonNull(decoders.get(to)).decode(bytes, offset, length, pending);
    if (pending.length() >= MOST) {
      flush();
    } else if (pending.length() > 0) {
      schedule();
    }
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      ScheduledFuture<?> unused =
          timer.schedule(this::flushLater, DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void flushLater() {
    scheduled = false;
    flush();
  }

  /** Sends what waits, so that whatever is sent next comes after it. */
  synchronized void flush() {
    if (pending.length() > 0) {
      String text = pending.toString();
      pending.setLength(0);
      if (!send.test(stream.title, text)) {
        // An interrupt ends the cell, but loses no text: the timer sends it.
        pending.append(text);
        schedule();
      }
    }
  }

  /** UTF-8, which may come in any pieces. */
  private static final class Decoder {
    private final CharsetDecoder utf8 =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer rest = ByteBuffer.allocate(0);

    void decode(byte[] bytes, int offset, int length, StringBuilder to) {
      ByteBuffer in;
      if (rest.hasRemaining()) {
        in = ByteBuffer.allocate(rest.remaining() + length);
        in.put(rest).put(bytes, offset, length).flip();
      } else {
        in = ByteBuffer.wrap(bytes, offset, length);
      }
      CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
      utf8.decode(in, out, false);
      to.append(out.flip());
      byte[] left = new byte[in.remaining()];
      in.get(left);
      rest = ByteBuffer.wrap(left);
    }
  }
}
