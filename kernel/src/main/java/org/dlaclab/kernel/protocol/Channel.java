package org.dlaclab.kernel.protocol;

/** A channel on which a client asks and the kernel replies, or the other way round on stdin. */
public enum Channel {
  /** Requests in turn: execute, complete, inspect. */
  SHELL,
  /** Requests that overtake those of the shell: interrupt, shutdown. */
  CONTROL,
  /** Questions to the user, and their answers. */
  STDIN
}
