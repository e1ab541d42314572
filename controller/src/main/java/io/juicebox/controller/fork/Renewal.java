package io.juicebox.controller.fork;

import io.juicebox.controller.format.NewFilesystem;
import io.juicebox.csi.volume.Member;

/**
 * What a copy has of its own: all else is its source's.
 *
 * @param filesystem its setting, made by the controller: in the source's, whoever has its keys may
 *     have named a bucket of theirs
 */
public record Renewal(NewFilesystem filesystem, Member member) {}
