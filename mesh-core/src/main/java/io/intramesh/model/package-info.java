/**
 * The mesh's resources as immutable values: App Mesh's own kinds field by field, and the kinds that Intramesh adds. Pure
 * data and invariants; nothing here routes, resolves or parses. An absent field is {@code null} where its absence means a
 * default that depends on the place, and an empty collection where it means "none".
 */
@NullMarked
package io.intramesh.model;

import org.jspecify.annotations.NullMarked;
