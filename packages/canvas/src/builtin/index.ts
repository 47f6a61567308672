export { accumulateTask } from "./accumulate-task.js";
export { defineBuiltin } from "./define-builtin.js";
export type { SendGroup } from "./map-tasks.js";
export { mapTasks } from "./map-tasks.js";
export { isRecord, listIn, numberIn, signatureIn, textIn, tupleIn } from "./read-argument.js";
