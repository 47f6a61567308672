import { CeleriacError } from "@celeriac/core/errors";

/**
 * Why a pickle is not read. `PICKLE_REFUSED`: it asks for a class, function or feature outside the allow-list.
 * `PICKLE_MALFORMED`: it is truncated or contradicts itself. `PICKLE_LIMIT`: larger or deeper than the options allow.
 */
export type PickleErrorCode = "PICKLE_REFUSED" | "PICKLE_MALFORMED" | "PICKLE_LIMIT";

/** Where and what. */
export interface PickleFault {
  /** Name of the opcode as Python's `pickletools` has it: `STACK_GLOBAL`. */
  readonly opcode?: string | undefined;
  /** Byte offset of that opcode. */
  readonly offset?: number | undefined;
  /** What was asked for, `module.name`: `os.system`. At most 200 characters. */
  readonly global?: string | undefined;
}

/** A pickle that is not read. Never retryable: the same bytes fail again. Nothing of it has been called. */
export class PickleError extends CeleriacError implements PickleFault {
  declare readonly code: PickleErrorCode;
  /** `undefined` when the fault is in no single opcode, such as nesting too deep. */
  readonly opcode: string | undefined;
  readonly offset: number | undefined;
  /** `undefined` unless a class or function is what is at fault. */
  readonly global: string | undefined;

  constructor(code: PickleErrorCode, reason: string, fault: PickleFault = {}) {
    const { opcode, offset, global } = fault;
    const place = opcode === undefined ? "" : ` (${opcode} at byte ${offset})`;
    super(`Cannot read the pickle: ${reason}${place}.`, { code });
    this.opcode = opcode;
    this.offset = offset;
    this.global = global;
  }
}
