export type { Stampable } from "./stamp.js";
export { stamp } from "./stamp.js";
export type { StampingVisitor, StampOptions } from "./stamping-visitor.js";
export type { Stamps, StampValue } from "./stamps.js";
