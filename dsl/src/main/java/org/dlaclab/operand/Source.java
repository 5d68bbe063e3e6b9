package org.dlaclab.operand;

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
}
