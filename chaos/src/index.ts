export type { Audit, AuditInput, Figures } from "./auditor/audit.js";
export { audit } from "./auditor/audit.js";
export type { Ledger, LedgerEvent, LedgerKind, LedgerOptions } from "./ledger/ledger.js";
export { openLedger } from "./ledger/ledger.js";
export type { ProxyTarget } from "./proxy/fault-proxy.js";
export { FaultProxy } from "./proxy/fault-proxy.js";
export { seededRandom } from "./seeded-random.js";
