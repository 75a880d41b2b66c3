/** AssertJ: what a mesh does with a call, in the manner of that library. */
@NullMarked
package io.intramesh.testing.assertj;

import org.jspecify.annotations.NullMarked;
