export type { FilesystemBrokerFactory } from "./filesystem-broker.js";
export { filesystemBroker } from "./filesystem-broker.js";
export type { FilesystemBrokerOptions } from "./folder/folder-options.js";
