import { globalName, type PyCall, type PyGlobal } from "../machine/nodes.js";
import { PickleError } from "../pickle-error.js";

/** The error for a class or function in a place where it has no meaning. */
export function refusal(global: PyGlobal, reason: string, call?: PyCall): PickleError {
  const name = globalName(global.module, global.name);
  const { opcode, offset } = call?.origin ?? global.origin;
  return new PickleError("PICKLE_REFUSED", `${name} ${reason}`, { opcode, offset, global: name });
}

/** The error for arguments that an allowed class or function cannot take. */
export function malformed(call: PyCall, callee: PyGlobal, reason: string): PickleError {
  const name = globalName(callee.module, callee.name);
  return new PickleError("PICKLE_MALFORMED", `${name} is given what it cannot take: ${reason.replace(/\.$/, "")}`, {
    ...call.origin,
    global: name,
  });
}

/** Refuses what is given to an object after its call, unless its rule takes it. */
export function checkExtras(call: PyCall, callee: PyGlobal, takes: "state" | "items" | "entries" | undefined): void {
  for (const extra of ["state", "items", "entries"] as const) {
    if (call[extra] !== undefined && takes !== extra) {
      throw refusal(callee, `is given ${extra} after its call, which plain data is not`, call);
    }
  }
}
