/**
 * What the requests of both programs have in common, as the specification bounds it: the sizes of
 * fields, the id of a volume, the access mode. Used by the services only, which alone know the
 * specification's classes; errors name the field.
 */
@NullMarked
package io.juicebox.csi.request;

import org.jspecify.annotations.NullMarked;
