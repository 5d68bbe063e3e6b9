package org.dlaclab.shell;

/** The programs that the {@code dlac} launcher starts. */
public final class Main {
  private Main() {}

  /**
   * Runs the command named by the first argument.
   *
   * @param args the command and its arguments
   */
  public static void main(String[] args) {
    System.out.println(String.join(" ", args));
  }
}
