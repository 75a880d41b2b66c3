/**
 * Certificates and trust from the SPIFFE Workload API: X.509 SVIDs and bundles, pushed by an agent such as SPIRE's, in the place
 * of what Envoy had over SDS.
 */
@NullMarked
package io.intramesh.spiffe;

import org.jspecify.annotations.NullMarked;
