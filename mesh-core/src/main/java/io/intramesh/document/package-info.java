/**
 * Mesh documents: from files in any supported dialect to checked resources, with every problem at its place. The single
 * dialects are internal; {@link io.intramesh.document.DocumentReader} finds out which one a document is written in.
 */
@NullMarked
package io.intramesh.document;

import org.jspecify.annotations.NullMarked;
