/**
 * Who may call what: access policies compiled into rules, the identity and the path that they judge by, and the audit log.
 * Knows nothing of routes; which policies hold for a request is decided by who composes.
 */
@NullMarked
package io.intramesh.internal.access;

import org.jspecify.annotations.NullMarked;
