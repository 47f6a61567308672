/**
 * `sslmode` and its like, as libpq has them, in terms of the driver. `@see` PostgreSQL documentation, "SSL Support" of libpq.
 * Safer than libpq in three things: a certificate that is named is used without a mode too, `verify-ca` has to be told an
 * authority, and nothing is taken for a mode that is none.
 * @module
 */
import { type ConfigError, optionChecks } from "@celeriac/core/errors";
import { presentOf } from "./present-of.js";
import { refuseUrl, type UrlQuery } from "./url-query.js";

/** What to tell the driver; `false` is plain text. */
export type TlsOptions = object | false;

export interface TlsPlan {
  /** What to try, in order: the next one when the server does not take the one before. */
  readonly tries: readonly [TlsOptions, ...TlsOptions[]];
  /** What is unsafe about it. */
  readonly warning?: string;
}

const isMode = optionChecks.oneOf("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
/** In place of a file: the authorities that Node trusts. */
const SYSTEM = "system";

/**
 * @param host - As in the URL; there is no TLS on a socket of this machine.
 * @throws ConfigError for what libpq does not know, and for a check that would check nothing.
 */
export function planPostgresTls(query: UrlQuery, host: string | undefined): TlsPlan {
  const given = query.take("sslmode");
  const wanted = given === undefined ? undefined : isMode(given);
  if (wanted !== undefined) throw refuseUrl(`"sslmode" is "${given}"; it must be ${wanted}.`);
  const isSystem = query.peek("sslrootcert") === SYSTEM;
  const named = isSystem ? query.take("sslrootcert") : query.file("sslrootcert");
  const pair = presentOf({ cert: query.file("sslcert"), key: query.file("sslkey") });
  const mode = given ?? (isSystem ? "verify-full" : named === undefined ? "prefer" : "verify-ca");
  if (isSystem && mode !== "verify-full")
    throw refuseUrl(`"sslrootcert" is "system", which needs sslmode=verify-full.`);
  if (mode === "verify-ca" && named === undefined) throw refuseAnybody();
  if (host?.startsWith("/") === true) return { tries: [false] };
  const ca = isSystem ? undefined : named;
  const anybody = { ...pair, rejectUnauthorized: false };
  const checked = { ...pair, ...presentOf({ ca }), rejectUnauthorized: true };
  switch (mode) {
    case "disable":
      return { tries: [false], ...unused(mode, ca) };
    case "allow":
      return { tries: [false, anybody], ...unused(mode, ca) };
    case "prefer":
      return { tries: [anybody, false], ...unused(mode, ca) };
    case "verify-full":
      return { tries: [checked] };
    default:
      if (ca === undefined) return { tries: [anybody], warning: UNCHECKED };
      return { tries: [{ ...checked, checkServerIdentity: () => undefined }] };
  }
}

/** Whether the server does not take a connection of this kind, encrypted or not, but may take one of the other. */
export function isOtherKindWanted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return code === "28000" || code === "EPROTO" || code.startsWith("ERR_SSL_") || /SSL connection/.test(error.message);
}

const UNCHECKED =
  "PostgreSQL's certificate is not checked with sslmode=require: anybody in between can read and write results. " +
  "Say sslmode=verify-full, with sslrootcert for an authority of your own.";

function unused(mode: string, ca: string | undefined): { readonly warning?: string } {
  if (ca === undefined) return {};
  return { warning: `sslrootcert checks nothing with sslmode=${mode}. Say sslmode=verify-full.` };
}

function refuseAnybody(): ConfigError {
  return refuseUrl('"sslmode" is "verify-ca", which needs "sslrootcert": any public authority would do otherwise.');
}
