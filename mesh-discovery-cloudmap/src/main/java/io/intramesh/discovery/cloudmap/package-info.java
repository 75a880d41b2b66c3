/** Asks AWS Cloud Map for the instances of virtual nodes whose {@code serviceDiscovery} is {@code awsCloudMap}. */
@NullMarked
package io.intramesh.discovery.cloudmap;

import org.jspecify.annotations.NullMarked;
