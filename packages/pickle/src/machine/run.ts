import { containerOps } from "./container-ops.js";
import type { Handler } from "./handler.js";
import type { Machine } from "./machine.js";
import type { PyValue } from "./nodes.js";
import { numberOps } from "./number-ops.js";
import { objectOps } from "./object-ops.js";
import { op } from "./opcodes.js";
import { textOps } from "./text-ops.js";

const highestProtocol = 5;

const frameOps: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [op.PROTO, checkProtocol],
  [op.FRAME, checkFrame],
]);

const handlers: readonly (Handler | undefined)[] = Array.from({ length: 256 }, (_, code) =>
  [frameOps, numberOps, textOps, containerOps, objectOps].map((ops) => ops.get(code)).find((handler) => handler),
);

/** Carries out every opcode up to STOP; what follows it is left alone, as in Python. @throws PickleError */
export function runOpcodes(machine: Machine): PyValue {
  for (;;) {
    const code = machine.cursor.nextOpcode();
    if (code === op.STOP) return machine.pop();
    const handler = handlers[code];
    if (handler === undefined) throw machine.cursor.fault("PICKLE_MALFORMED", "there is no such opcode");
    handler(machine);
  }
}

function checkProtocol(machine: Machine): void {
  const protocol = machine.cursor.uint8();
  if (protocol > highestProtocol) throw machine.cursor.fault("PICKLE_REFUSED", `protocol ${protocol} is not known`);
}

function checkFrame(machine: Machine): void {
  const length = machine.cursor.uint64();
  if (!machine.cursor.holds(length)) throw machine.cursor.fault("PICKLE_MALFORMED", "a frame is truncated");
}
