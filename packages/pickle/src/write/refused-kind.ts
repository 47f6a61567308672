/** Why an object cannot be written: those whose own keys say nothing about them would be lost without a word. */
export function refusedKind(value: object): string | undefined {
  if (value instanceof RegExp) return "a RegExp has no form in Python: send its source";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return "bytes are sent as a Uint8Array";
  if (value instanceof WeakMap || value instanceof WeakSet) return "a weak collection has no form in Python";
  if ("then" in value && typeof value.then === "function") return "a promise cannot be sent: await it first";
  return undefined;
}
