package org.dlaclab.operand;

import java.util.Optional;
import org.dlaclab.network.Network;
import org.dlaclab.quant.Policy;

/** Where operands come from, before it is known for which network: what {@code simulate} takes. */
public interface Source {
  /**
   * The operands of {@code network} under {@code policy}.
   *
   * @throws org.dlaclab.error.DlacException if this source has nothing that fits the network
   */
  Operands bind(Network network, Policy policy);

  /**
   * All that decides about the tensors, as text: sources with equal identities give equal tensors,
   * for whom results may be kept and used again. Contents of files and weights are part of it.
   * Empty if the source cannot tell.
   */
  default Optional<String> identity() {
    return Optional.empty();
  }
}
