/**
 * Where resources and endpoints come from: the two interfaces that a source implements, and the registry that reads a
 * folder.
 */
@NullMarked
package io.intramesh.registry;

import org.jspecify.annotations.NullMarked;
