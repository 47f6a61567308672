import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";

/** One server and who we are there. */
export interface AmqpAddress {
  readonly hostname: string;
  readonly port: number;
  readonly virtualHost: string;
  readonly username: string;
  readonly password: string;
  /** By TLS. */
  readonly secure: boolean;
}

export const AMQP_SCHEMES: readonly string[] = ["amqp", "amqps", "pyamqp"];

const DEFAULT_PORT = 5672;
const DEFAULT_TLS_PORT = 5671;

/**
 * Reads one URL, several separated by `;`, or a list. Later ones may leave out the scheme. As in kombu a missing host is
 * localhost, a missing user and a missing password are guest's, each for itself, and `/` as well as `//` name the virtual
 * host `/`.
 * @param options - `encrypt`: TLS whatever the scheme says, and then its port where none is given.
 * @throws ConfigError with everything that is wrong; never shows a password.
 */
export function parseAddresses(
  source: string | readonly string[],
  { encrypt = false }: { readonly encrypt?: boolean } = {},
): readonly AmqpAddress[] {
  const texts = (typeof source === "string" ? [source] : source)
    .flatMap((part) => part.split(";"))
    .map((t) => t.trim());
  const issues: ConfigIssue[] = [];
  const scheme = /^[a-z+]+(?=:\/\/)/i.exec(texts[0] ?? "")?.[0] ?? "amqp";
  const addresses = texts
    .filter((text) => text !== "")
    .flatMap((text) => {
      const parsed = parseOne(text.includes("://") ? text : `${scheme}://${text}`, encrypt);
      if (typeof parsed !== "string") return [parsed];
      issues.push({ key: "broker", message: parsed });
      return [];
    });
  if (issues.length === 0 && addresses.length === 0) issues.push({ key: "broker", message: "names no server." });
  if (issues.length > 0) throw new ConfigError(issues);
  return addresses;
}

function parseOne(text: string, encrypt: boolean): AmqpAddress | string {
  const scheme = text.slice(0, text.indexOf("://")).toLowerCase();
  if (!AMQP_SCHEMES.includes(scheme)) return `has the scheme "${scheme}://"; known are amqp:// and amqps://.`;
  // A scheme that URL has special rules for would change what follows; this one has none.
  const url = tryParse(`amqp${text.slice(scheme.length)}`);
  if (url === undefined) {
    return "is no URL. Characters such as / # ? @ in a password must be percent-encoded: amqp://user:p%23ss@host:5672/vhost";
  }
  if (url.search !== "" || url.hash !== "") return "has a query; give options in broker_transport_options.";
  const secure = encrypt || scheme === "amqps";
  const path = url.pathname.slice(1);
  try {
    return {
      hostname: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, "") || "localhost",
      port: url.port === "" ? (secure ? DEFAULT_TLS_PORT : DEFAULT_PORT) : Number(url.port),
      virtualHost: path === "" ? "/" : decodeURIComponent(path),
      username: decodeURIComponent(url.username) || "guest",
      password: decodeURIComponent(url.password) || "guest",
      secure,
    };
  } catch {
    return "has a % that begins no percent-encoded byte; a percent sign itself is written %25.";
  }
}

/** Node 20 has no `URL.parse`. */
function tryParse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** For messages: without credentials. */
export function showAddress({ hostname, port, virtualHost }: AmqpAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}${virtualHost === "/" ? "" : ` (virtual host "${virtualHost}")`}`;
}
