/** Why the mesh decides as it does: plain values that the command line, the admin view and tests show in their own ways. */
@NullMarked
package io.intramesh.explain;

import org.jspecify.annotations.NullMarked;
