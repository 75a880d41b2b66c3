/**
 * What implementations of the mesh's interfaces keep to, as test classes to extend. Needs JUnit Jupiter and AssertJ.
 */
@NullMarked
package io.intramesh.testing.contract;

import org.jspecify.annotations.NullMarked;
