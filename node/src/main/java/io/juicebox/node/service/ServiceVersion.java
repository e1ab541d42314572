package io.juicebox.node.service;

/**
 * What a mount service is.
 *
 * @param contract how much of {@code mountservice.proto} it knows
 * @param program its build
 * @param juicefs the version that it starts, empty where none can be started
 * @param problem why no volume can be mounted, a line; empty when nothing is wrong
 */
record ServiceVersion(int contract, String program, String juicefs, String problem) {
  /** Grows with each addition to the contract. */
  static final int CONTRACT = 1;

  /** Why a client of this build can't work with the service, a line; empty when it can. */
  String unready() {
    return contract < CONTRACT
        ? "the mount service %s knows version %d of the contract and this program needs %d: upgrade it\n"
            .formatted(program, contract, CONTRACT)
        : problem;
  }
}
