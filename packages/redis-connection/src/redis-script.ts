import { createHash } from "node:crypto";

/** A Lua script, run by its digest; the text is sent once per server. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

/** Keeps the text with its digest. */
export function defineScript(lua: string): RedisScript {
  return { lua, sha: createHash("sha1").update(lua).digest("hex") };
}
