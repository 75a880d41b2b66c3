/** Which configuration is in force: what was read, with the last good form of what was refused. */
@NullMarked
package io.intramesh.internal.config;

import org.jspecify.annotations.NullMarked;
