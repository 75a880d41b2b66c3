/**
 * What the filter and the containers that it sets up know of each other.
 */
@NullMarked
package io.intramesh.servlet.internal;

import org.jspecify.annotations.NullMarked;
