/**
 * What is expected of a mesh, as sentences, mappings or values, and whether the mesh does it. Needs neither JUnit nor AssertJ,
 * and asks an {@link io.intramesh.OfflineMesh}: no socket, no thread, the same answer each time.
 */
@NullMarked
package io.intramesh.testing.expectation;

import org.jspecify.annotations.NullMarked;
