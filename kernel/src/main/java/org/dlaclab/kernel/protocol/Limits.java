package org.dlaclab.kernel.protocol;

/**
 * What the wire holds at most.
 *
 * @param frameBytes the largest part of a message that a client may send; one that sends a larger
 *     is cut off
 * @param queuedMessages how many published messages may wait
 * @param queuedBytes how large they may be together
 * @param clientMessages how many published messages may wait for each client besides
 * @param pingMillis how often a client that listens is asked whether it is there
 * @param silenceMillis how long it may not answer
 */
record Limits(
    long frameBytes,
    int queuedMessages,
    long queuedBytes,
    int clientMessages,
    int pingMillis,
    int silenceMillis) {
  /** For use; {@code -Ddlac.kernel.frameBytes} changes the largest part. */
  static final Limits DEFAULT =
      new Limits(
          Long.getLong("dlac.kernel.frameBytes", 64L << 20), 4096, 8L << 20, 64, 30_000, 300_000);
}
