/** Several trainings side by side: studies over seeds, the search of a policy. */
@NullMarked
package org.dlaclab.study;

import org.jspecify.annotations.NullMarked;
