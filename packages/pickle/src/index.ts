export type { PickleErrorCode, PickleFault } from "./pickle-error.js";
export { PickleError } from "./pickle-error.js";
export type { ReadPickleOptions } from "./read-options.js";
export { readGroupPickle, readPickle } from "./read-pickle.js";
export { TimeDelta } from "./time-delta.js";
export type { WritePickleOptions } from "./write/write-pickle.js";
export { writeGroupPickle, writePickle } from "./write/write-pickle.js";
