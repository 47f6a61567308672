const MASK = "********";
const SECRET_NAME = /pass|secret|token|credential|signature|userinfo/;
const SECRET_KEY = /^key$|(?:api|access|private|account|shared|encryption|ssl|tls)key$/;
const URL_START = /[a-z][a-z0-9+.-]*:\/\//gi;
const SECRET_PARAMETER = /([?&][^=&]*(?:pass|secret|token|credential|key)[^=&]*=)[^&]*/gi;

/** Whether a value under this name is a secret, by the name's look. `routing_key` and `key_prefix` are not. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[_-]/g, "");
  return SECRET_NAME.test(plain) || SECRET_KEY.test(plain);
}

/**
 * Hides the user info of every URL in `text`, and query parameters that look like secrets. Hides up to the last `@` of
 * each URL, because passwords with unescaped `/` or `@` are common.
 */
export function maskUrl(text: string): string {
  const starts = [...text.matchAll(URL_START)];
  let masked = starts[0] === undefined ? text : text.slice(0, starts[0].index);
  for (const [order, start] of starts.entries()) {
    const from = start.index + start[0].length;
    const end = starts[order + 1]?.index ?? text.length;
    const rest = text.slice(from, end);
    const at = rest.lastIndexOf("@");
    const address = at === -1 ? rest : `${MASK}${rest.slice(at)}`;
    masked += start[0] + address.replaceAll(SECRET_PARAMETER, `$1${MASK}`);
  }
  return masked;
}

/** A copy of `value` that can be shown: URLs without user info, values under secret names hidden, functions named. */
export function maskValue(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return maskUrl(value);
  if (typeof value === "function") return `[function ${value.name || "anonymous"}]`;
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof RegExp) return String(value);
  if (depth > 8) return "...";
  if (Array.isArray(value)) return value.map((item: unknown) => maskValue(item, depth + 1));
  if (value instanceof Map) return [...value].map(([key, item]) => [maskValue(key, 9), maskValue(item, depth + 1)]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskMember(key, item, depth)]));
}

function maskMember(key: string, item: unknown, depth: number): unknown {
  const isEmpty = item === null || item === undefined || item === "" || typeof item === "boolean";
  return isSecretName(key) && !isEmpty ? MASK : maskValue(item, depth + 1);
}

/** What stands in place of a secret. */
export function maskSecret(value: unknown): unknown {
  return value === null || value === undefined ? value : MASK;
}
