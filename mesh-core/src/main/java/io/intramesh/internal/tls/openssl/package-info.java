/**
 * TLS by BoringSSL, through netty-tcnative. The only package that knows Netty; nothing here is loaded where Netty is absent,
 * except {@link io.intramesh.internal.tls.openssl.OpenSslProbe}, which finds that out.
 */
@NullMarked
package io.intramesh.internal.tls.openssl;

import org.jspecify.annotations.NullMarked;
