export type { DropLast, Trailing } from "./partial.js";
export type { Callbacks, Duration, SendOptions, SignatureLike } from "./send-options.js";
export type { Signature, SignatureParts, SignatureSender } from "./signature.js";
export { createSignature } from "./signature.js";
export { isWireOption, optionsFromWire, optionsToWire, toWireCallbacks } from "./wire-options.js";
