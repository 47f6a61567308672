export type { RpcBackendOptions } from "./backend-settings.js";
export type { RpcBackendFunction } from "./create-rpc-backend.js";
export { rpcBackend } from "./create-rpc-backend.js";
export { UnsupportedOperation } from "./unsupported-operation.js";
