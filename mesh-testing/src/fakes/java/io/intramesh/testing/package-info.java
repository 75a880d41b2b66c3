/**
 * Fakes for time, chance and registries, so that tests of a mesh are fast and repeatable.
 */
@NullMarked
package io.intramesh.testing;

import org.jspecify.annotations.NullMarked;
