/**
 * The object store's part of a lineage: its bucket, its owner object, the end of all its blocks.
 * Any S3 will do; nothing here is MinIO's own.
 */
@NullMarked
package io.juicebox.controller.object;

import org.jspecify.annotations.NullMarked;
