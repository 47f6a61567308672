/** `routing_key` to `routingKey`; names without underscores stay. */
export function toCamelKey(key: string): string {
  return key.includes("_") ? key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : key;
}
