package io.juicebox.controller.volume;

/**
 * The bounds on a capacity that a CO asks for, in bytes; 0 stands for one that it did not give.
 *
 * <p>They are as the CO sent them: what is not possible is refused by whoever chooses.
 */
public record CapacityRange(long required, long limit) {
  public static final CapacityRange ANY = new CapacityRange(0, 0);
}
