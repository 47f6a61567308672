import { EncodeError } from "@celeriac/core/errors";
import { encodeException } from "@celeriac/core/protocol";
import { op } from "../machine/opcodes.js";
import { batchSize, Emitter } from "./emitter.js";
import { type Path, pathText } from "./path.js";
import { refusedKind } from "./refused-kind.js";
import { writeTyped } from "./typed-values.js";

const maxDigits = 4_300;
const tooLarge = 10n ** BigInt(maxDigits);

/** Where a value goes: what is hashed in Python must not be changeable there. */
type Place = "value" | "hashed";

/** Writes one value by the rules of core's JSON, where that has a form for it. */
export class PickleWriter {
  readonly emitter: Emitter = new Emitter();
  readonly #maxDepth: number;
  readonly #open = new Set<object>();

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  write(value: unknown, path: Path | undefined, place: Place): void {
    if (value === undefined || value === null) this.emitter.opcode(op.NONE);
    else if (typeof value === "string") this.emitter.text(value);
    else if (typeof value === "boolean") this.emitter.opcode(value ? op.NEWTRUE : op.NEWFALSE);
    else if (typeof value === "number") this.#writeNumber(value);
    else if (typeof value === "bigint") this.#writeBigInt(value, path);
    else if (typeof value === "object") this.#writeObject(value, path, place);
    else throw refusal(path, `a ${typeof value} cannot be sent`);
  }

  /** Beyond 2^53 a double is a float, not an exact integer, as in JSON; so is negative zero. */
  #writeNumber(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.emitter.integer(value);
    else this.emitter.float(value);
  }

  #writeBigInt(value: bigint, path: Path | undefined): void {
    if (value >= tooLarge || value <= -tooLarge) {
      throw refusal(path, `Python reads no integer of more than ${maxDigits} digits`);
    }
    this.emitter.bigInteger(value);
  }

  #writeObject(value: object, path: Path | undefined, place: Place): void {
    if (this.#open.has(value)) throw refusal(path, "it refers back to an object that contains it");
    if (this.#open.size >= this.#maxDepth) throw refusal(path, `it is nested deeper than ${this.#maxDepth} levels`);
    this.#open.add(value);
    this.#writeOpened(value, path, place);
    this.#open.delete(value);
  }

  #writeOpened(value: object, path: Path | undefined, place: Place): void {
    if (this.#writeTyped(value, path)) return;
    const instead = substituteOf(value, path);
    if (instead !== undefined) this.write(instead.value, path, place);
    else if (value instanceof Set) this.#set(value, path, place);
    else if (Array.isArray(value)) this.#array(value, path, place);
    else if (place === "hashed") throw refusal(path, "Python has no dictionary as a key or in a set");
    else this.#dict(value instanceof Map ? value : membersOf(value, path), path);
  }

  #writeTyped(value: object, path: Path | undefined): boolean {
    try {
      return writeTyped(value, this.emitter);
    } catch (error) {
      if (error instanceof RangeError) throw refusal(path, error.message.replace(/\.$/, ""));
      throw error;
    }
  }

  #array(items: readonly unknown[], path: Path | undefined, place: Place): void {
    if (place === "hashed") {
      this.#tuple(items, path);
      return;
    }
    this.emitter.opcode(op.EMPTY_LIST);
    this.#batches(items.entries(), op.APPENDS, ([key, item]) => this.write(item, { parent: path, key }, "value"));
  }

  #tuple(items: readonly unknown[], path: Path | undefined): void {
    this.emitter.opcode(op.MARK);
    for (const [key, item] of items.entries()) this.write(item, { parent: path, key }, "hashed");
    this.emitter.opcode(op.TUPLE);
  }

  #set(items: ReadonlySet<unknown>, path: Path | undefined, place: Place): void {
    const writeItem = (item: unknown): void => this.write(item, { parent: path, key: "member" }, "hashed");
    if (place === "hashed") {
      this.emitter.opcode(op.MARK);
      for (const item of items) writeItem(item);
      this.emitter.opcode(op.FROZENSET);
      return;
    }
    this.emitter.opcode(op.EMPTY_SET);
    this.#batches(items, op.ADDITEMS, writeItem);
  }

  #dict(entries: Iterable<readonly [unknown, unknown]>, path: Path | undefined): void {
    this.emitter.opcode(op.EMPTY_DICT);
    this.#batches(entries, op.SETITEMS, ([key, member]) => {
      const inside: Path = { parent: path, key: typeof key === "string" ? key : `key ${typeof key}` };
      if (typeof key === "string") this.emitter.key(key);
      else this.write(key, inside, "hashed");
      this.write(member, inside, "value");
    });
  }

  /** Writes items after a mark, and `end` after every so many of them. */
  #batches<Item>(items: Iterable<Item>, end: number, writeItem: (item: Item) => void): void {
    let count = 0;
    for (const item of items) {
      if (count % batchSize === 0) this.emitter.opcode(op.MARK);
      writeItem(item);
      count += 1;
      if (count % batchSize === 0) this.emitter.opcode(end);
    }
    if (count % batchSize !== 0) this.emitter.opcode(end);
  }
}

/** What is written in an object's place; wrapped, because it may be anything. */
function substituteOf(value: object, path: Path | undefined): { readonly value: unknown } | undefined {
  if (value instanceof Error) return { value: encodeException(value) };
  if ("toJSON" in value && typeof value.toJSON === "function") {
    return { value: value.toJSON(path === undefined ? "" : String(path.key)) };
  }
  const isWrapped = value instanceof Number || value instanceof String || value instanceof Boolean;
  return isWrapped ? { value: value.valueOf() } : undefined;
}

/** Own members with a value; `undefined` is left out as in JSON. */
function membersOf(value: object, path: Path | undefined): Iterable<readonly [string, unknown]> {
  const reason = refusedKind(value);
  if (reason !== undefined) throw refusal(path, reason);
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function refusal(path: Path | undefined, reason: string): EncodeError {
  return new EncodeError(`Cannot pickle ${pathText(path)}: ${reason}.`);
}
