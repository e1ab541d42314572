/**
 * Certificates and keys in the forms that the JDK's clients take, and what a failure of TLS means.
 * Knows no client.
 */
@NullMarked
package io.juicebox.csi.tls;

import org.jspecify.annotations.NullMarked;
