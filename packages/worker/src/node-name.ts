import { hostname } from "node:os";

/**
 * Celery's node name: `name@host`. `%h` is the full host name, `%n` its first part, `%d` the rest, `%%` a percent sign.
 * A name without `@` gets the host appended. @see Celery user guide, "Workers", node name replacements.
 */
export function expandNodeName(pattern = "celery@%h", host: string = hostname()): string {
  const [name = host, ...domain] = host.split(".");
  const values: Readonly<Record<string, string>> = { h: host, n: name, d: domain.join("."), "%": "%" };
  const expanded = pattern.replace(/%([hnd%])/g, (_match, key: string) => values[key] ?? "");
  return expanded.includes("@") ? expanded : `${expanded}@${host}`;
}
