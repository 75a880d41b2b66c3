/** Calls by mutual TLS: while certificates are renewed, and what they cost. */
@NullMarked
package io.intramesh.benchmarks.tls;

import org.jspecify.annotations.NullMarked;
