export type { FilesystemBackend, FilesystemBackendFactory } from "./filesystem-backend.js";
export { filesystemBackend } from "./filesystem-backend.js";
export type { FilesystemBackendOptions } from "./folder/backend-options.js";
