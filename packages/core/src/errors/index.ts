export type { CeleriacErrorOptions } from "./celeriac-error.js";
export { CeleriacError, isRetryable } from "./celeriac-error.js";
export type { DecodeErrorCode } from "./codec-error.js";
export { DecodeError, EncodeError } from "./codec-error.js";
export type { ConfigIssue } from "./config-error.js";
export { ConfigError } from "./config-error.js";
export type { RetryPlan } from "./control-flow.js";
export { Ignore, Reject, Replaced, Retry } from "./control-flow.js";
export type { Check, CheckedOptions, OptionTable } from "./option-table.js";
export { camelCase, checkOptions, optionChecks } from "./option-table.js";
export type { RemoteFailure } from "./task-error.js";
export {
  ArgumentError,
  DeliveryLimitExceeded,
  MaxRetriesExceededError,
  NotRegistered,
  SoftTimeLimitExceeded,
  TaskError,
  TaskRevokedError,
  TimeLimitExceeded,
  TimeoutError,
  WorkerLostError,
} from "./task-error.js";
export type { BackendErrorCode, BrokerErrorCode } from "./transport-error.js";
export { BackendError, BrokerError } from "./transport-error.js";
