import type { Dialect, DialectName } from "./dialect.js";
import { mysql } from "./mysql.js";
import { postgres } from "./postgres.js";
import { sqlite } from "./sqlite.js";

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { postgres, mysql, sqlite };
