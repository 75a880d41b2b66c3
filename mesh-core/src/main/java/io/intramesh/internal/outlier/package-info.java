/** Takes endpoints out of use that keep failing, and brings them back. Knows nothing of balancing. */
@NullMarked
package io.intramesh.internal.outlier;

import org.jspecify.annotations.NullMarked;
