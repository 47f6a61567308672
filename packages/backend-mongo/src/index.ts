export type { MongoBackendFunction } from "./create-mongo-backend.js";
export { mongoBackend } from "./create-mongo-backend.js";
export type { MongoBackendOptions } from "./options/backend-settings.js";
