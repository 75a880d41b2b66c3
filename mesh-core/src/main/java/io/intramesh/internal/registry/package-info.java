/** Reads and watches the files of a registry. Knows nothing of what stands in them. */
@NullMarked
package io.intramesh.internal.registry;

import org.jspecify.annotations.NullMarked;
