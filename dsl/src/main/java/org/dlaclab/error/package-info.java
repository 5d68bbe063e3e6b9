/** What a user is told when an input is wrong: one message, in the user's words. */
@NullMarked
package org.dlaclab.error;

import org.jspecify.annotations.NullMarked;
