/**
 * Each volume's own way to its backend (DESIGN.md, decisions 3 and 8): a Redis user and an
 * object-store account, made with the volume, kept where its nodes find them, restored when a
 * server has lost them, and removed with the volume. It knows nothing of how volumes come and go.
 */
@NullMarked
package io.juicebox.controller.credential;

import org.jspecify.annotations.NullMarked;
