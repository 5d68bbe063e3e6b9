/** Several trainings side by side: the search of a policy. */
@NullMarked
package org.dlaclab.study;

import org.jspecify.annotations.NullMarked;
