export { chordExtender } from "./add-to-chord.js";
export { callErrback } from "./call-errback.js";
export type { CarryOutOptions } from "./carry-out.js";
export { carryOut, chordBackend } from "./carry-out.js";
