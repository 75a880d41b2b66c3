/**
 * From resources back to documents: one tree for each resource ({@link io.intramesh.internal.document.write.SpecTree}), spelled
 * as one of three forms, and written down as YAML or JSON. The opposite of {@code io.intramesh.internal.document}, of which
 * nothing is needed here.
 */
@NullMarked
package io.intramesh.internal.document.write;

import org.jspecify.annotations.NullMarked;
