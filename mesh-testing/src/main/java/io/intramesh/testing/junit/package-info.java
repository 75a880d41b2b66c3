/** JUnit Jupiter: a mesh as a parameter of tests, and MeshTest documents as tests. */
@NullMarked
package io.intramesh.testing.junit;

import org.jspecify.annotations.NullMarked;
