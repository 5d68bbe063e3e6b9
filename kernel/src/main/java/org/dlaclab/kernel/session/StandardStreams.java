package org.dlaclab.kernel.session;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** {@code System.out}, {@code System.err} and {@code System.in} of cells. */
final class StandardStreams implements AutoCloseable {
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final InputStream in = System.in;

  /**
   * From now on, what a thread prints goes to the cell that it belongs to, and what it reads is
   * asked for.
   *
   * @param line asks the user for a line
   */
  StandardStreams(Supplier<String> line) {
    System.setOut(stream(CellText.Stream.STDOUT));
    System.setErr(stream(CellText.Stream.STDERR));
    System.setIn(new Lines(line));
  }

  private static PrintStream stream(CellText.Stream stream) {
    return new PrintStream(new ToCell(stream), false, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    System.setOut(out);
    System.setErr(err);
    System.setIn(in);
  }

  /** Before the first cell there is only the terminal that the kernel was started from. */
  private static final class ToCell extends OutputStream {
    private final CellText.Stream stream;
    private final OutputStream terminal;

    ToCell(CellText.Stream stream) {
      this.stream = stream;
      this.terminal =
          new FileOutputStream(
              stream == CellText.Stream.STDOUT ? FileDescriptor.out : FileDescriptor.err);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Cell cell = Cell.current();
      if (cell == null) {
        terminal.write(bytes, offset, length);
      } else {
        cell.text().write(stream, bytes, offset, length);
      }
    }
  }

  /** Lines that the user is asked for when they are read. */
  private static final class Lines extends InputStream {
    private final Supplier<String> line;

    /** Held while the user is asked: who waits for it can be interrupted. */
    private final ReentrantLock turn = new ReentrantLock();

    private byte[] bytes = {};
    private int next;

    Lines(Supplier<String> line) {
      this.line = line;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      int unused = read(one, 0, 1);
      return one[0] & 0xff;
    }

    /** Never more than a line: a reader that fills its buffer must not ask for a second one. */
    @Override
    public int read(byte[] to, int offset, int length) {
      try {
        turn.lockInterruptibly();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while another thread read");
      }
      try {
        if (length > 0 && next == bytes.length) {
          bytes = (line.get() + "\n").getBytes(StandardCharsets.UTF_8);
          next = 0;
        }
        int count = Math.min(length, bytes.length - next);
        System.arraycopy(bytes, next, to, offset, count);
        next += count;
        return count;
      } finally {
        turn.unlock();
      }
    }

    /** Nothing while another thread reads. */
    @Override
    public int available() {
      if (!turn.tryLock()) {
        return 0;
      }
      try {
        return bytes.length - next;
      } finally {
        turn.unlock();
      }
    }
  }
}
