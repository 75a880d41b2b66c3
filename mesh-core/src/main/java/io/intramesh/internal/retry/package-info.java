/** Which attempts are made again, when, and how many of them a virtual service can bear. */
@NullMarked
package io.intramesh.internal.retry;

import org.jspecify.annotations.NullMarked;
