/**
 * Decides where a request goes: from a set of resources to an immutable table, and from a request to a service, a route and
 * a target, or to a refusal; and explains it. Knows neither endpoints nor attempts.
 */
@NullMarked
package io.intramesh.internal.route;

import org.jspecify.annotations.NullMarked;
