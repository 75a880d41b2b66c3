/**
 * Reads mesh documents: bytes to positioned trees ({@code YamlTree}, {@code JsonTree}), trees to drafts of resources by one
 * class per dialect ({@code Dialect}), canonical specs to records ({@code SpecBinder}), and what only the whole set shows
 * ({@code DocumentSet}, {@code CrossChecks}). Jackson and SnakeYAML stay in here.
 */
@NullMarked
package io.intramesh.internal.document;

import org.jspecify.annotations.NullMarked;
