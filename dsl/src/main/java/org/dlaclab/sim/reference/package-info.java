/**
 * The machine model as a program to read: a DLAC grid that is stepped cycle by cycle and carries
 * values. It shares no code with the engine that counts cycles on bit masks, so that tests can hold
 * one against the other.
 */
@NullMarked
package org.dlaclab.sim.reference;

import org.jspecify.annotations.NullMarked;
