package io.juicebox.controller.registry;

import io.juicebox.controller.redis.LuaScript;

/** The registry's Lua scripts: each is the prelude and its own text. */
final class Scripts {
  private static final LuaScript PRELUDE = LuaScript.resource(Registry.class, "prelude");

  private Scripts() {}

  static LuaScript load(String name) {
    return LuaScript.of(
        "registry/" + name, PRELUDE.text() + LuaScript.resource(Registry.class, name).text());
  }
}
