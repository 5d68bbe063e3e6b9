package org.dlaclab.explore;

import java.io.Serializable;
import org.dlaclab.network.Network;
import org.dlaclab.operand.Source;
import org.dlaclab.quant.Policy;
import org.dlaclab.result.Passes;

/** What grids are compared on. */
public record Workload(Network network, Policy policy, Source tensors, Passes passes)
    implements Serializable {}
