/**
 * Cuts the connection of a call that was given up, so that it does not stay taken while a server is silent. Does nothing to
 * SQLite, which answers before anybody can give up.
 * @param raw - The driver's own connection: of pg, or of mysql2.
 */
export function destroyConnection(raw: unknown): void {
  if (!isObject(raw)) return;
  const stream = isObject(raw.connection) ? raw.connection.stream : undefined; // pg
  const victim = isObject(stream) ? stream : raw;
  if (typeof victim.destroy === "function") Reflect.apply(victim.destroy, victim, []);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
