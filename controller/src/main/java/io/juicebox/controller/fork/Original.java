package io.juicebox.controller.fork;

import io.juicebox.csi.volume.Member;
import io.juicebox.csi.volume.Number;
import java.util.UUID;

/**
 * A filesystem of which copies are made.
 *
 * @param member whose range the slices are that it has made
 */
public record Original(Number number, Member member, UUID filesystem) {}
