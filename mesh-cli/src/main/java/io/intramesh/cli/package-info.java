/**
 * The {@code mesh} command: validates, explains and compares mesh configuration.
 */
@NullMarked
package io.intramesh.cli;

import org.jspecify.annotations.NullMarked;
