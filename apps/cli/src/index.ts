export type { AppArgument } from "./app/app-argument.js";
export { AppNotFound, loadApp } from "./app/load-app.js";
export type { ExitCode } from "./exit-code.js";
export { EXIT } from "./exit-code.js";
export type { LogChoice } from "./terminal/choose-logger.js";
