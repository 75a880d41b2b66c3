/**
 * What a transport drives: it describes a call, is handed attempts one at a time, reports what came back and learns what to
 * do next; inbound it asks whether to admit a request. Nothing here sends or blocks, unless it says so.
 */
@NullMarked
package io.intramesh.call;

import org.jspecify.annotations.NullMarked;
