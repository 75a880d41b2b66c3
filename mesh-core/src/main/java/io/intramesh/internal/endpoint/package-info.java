/**
 * Knows where virtual nodes can be reached: by DNS, by written-down addresses, or by a source that the application brings.
 * Everything here happens off the request path; a call reads one volatile field.
 */
@NullMarked
package io.intramesh.internal.endpoint;

import org.jspecify.annotations.NullMarked;
