package org.dlaclab.result;

import java.util.Set;

/**
 * Simulates layers of a run again, with an eye on each PE: what each of them did is too much to
 * keep for every layer of every run.
 */
public interface Rerun {
  /**
   * Runs these passes of these layers on the first samples, sample by sample and in network order.
   *
   * @param layers names
   * @param passes those that a layer does not have are left out
   * @param samples how many
   */
  void watch(Set<String> layers, Passes passes, int samples, Watcher watcher);
}
