package org.dlaclab.explore;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of points before they are simulated; the generations of a search share it.
 *
 * @param identity the keys of points
 * @param store results that are kept; null if none are
 * @param accuracies by policy, so that each is asked about once
 */
record Known(Identity identity, @Nullable Store store, Map<String, Result> accuracies)
    implements AutoCloseable {
  static Known of(Sweep sweep) {
    return new Known(
        new Identity(sweep.accuracy().map(PolicyAccuracy::name).orElse("")),
        sweep.store().map(Store::open).orElse(null),
        new HashMap<>());
  }

  @Override
  public void close() {
    if (store != null) {
      store.close();
    }
  }
}
