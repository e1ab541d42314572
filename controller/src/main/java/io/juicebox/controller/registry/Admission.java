package io.juicebox.controller.registry;

/** Whether a name that the registry doesn't know may begin a volume; known ones always go on. */
public enum Admission {
  OPEN,
  CLOSED
}
