package org.dlaclab.kernel.eval;

/** Whether code can run as it is: what a console asks before it opens a new line. */
public sealed interface Completeness {
  /** It can run. */
  record Complete() implements Completeness {}

  /** More must follow; the next line begins with this indent. */
  record Incomplete(String indent) implements Completeness {}

  /** It can not run, whatever follows. */
  record Invalid() implements Completeness {}
}
