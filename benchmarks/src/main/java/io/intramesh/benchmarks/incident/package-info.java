/** What callers notice of instances that fail, over real sockets and processes. */
@NullMarked
package io.intramesh.benchmarks.incident;

import org.jspecify.annotations.NullMarked;
