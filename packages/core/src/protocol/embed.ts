/**
 * Checking of what a message says comes after the task, before the task runs: found later, callbacks would be lost in
 * silence. PROTOCOL 11.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import { isRecord, showValue } from "./shape.js";
import type { Embed, WireSignature } from "./wire-signature.js";

/** Longest list of callbacks, errbacks or steps. */
const maxListLength = 10_000;
/** Signatures in one message, nested ones included. */
const maxSignatures = 50_000;
const maxDepth = 100;

const emptyEmbed: Embed = Object.freeze({ callbacks: null, errbacks: null, chain: null, chord: null });

/**
 * The third part of a body. Null and missing members mean nothing to do.
 * @throws DecodeError `E_CANVAS` naming the member that is malformed or too large.
 */
export function decodeEmbed(embed: Readonly<Record<string, unknown>> | null): Embed {
  if (embed === null) return emptyEmbed;
  const { callbacks = null, errbacks = null, chain = null, chord = null } = embed;
  if (callbacks === null && errbacks === null && chain === null && chord === null) return emptyEmbed;
  const checker = new Checker();
  return {
    callbacks: checker.list(callbacks, "callbacks", 0),
    errbacks: checker.list(errbacks, "errbacks", 0),
    chain: checker.list(chain, "chain", 0),
    chord: chord === null ? null : checker.signature(chord, "chord", 0),
  };
}

class Checker {
  #count = 0;

  /** A list of signatures, or one alone, which Celery takes as a list of one. */
  list(value: unknown, where: string, depth: number): readonly WireSignature[] | null {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return [this.signature(value, where, depth)];
    if (value.length > maxListLength) throw fault(where, `has ${value.length} entries, more than ${maxListLength}`);
    return value.map((item, index) => this.signature(item, `${where}[${index}]`, depth));
  }

  signature(value: unknown, where: string, depth: number): WireSignature {
    this.#count += 1;
    if (this.#count > maxSignatures) throw fault(where, `is one of more than ${maxSignatures} signatures`);
    if (depth > maxDepth) throw fault(where, `is nested deeper than ${maxDepth} signatures`);
    if (!isRecord(value)) throw fault(where, `is ${showValue(value)}, not a signature`);
    const { task, args, kwargs, options, subtask_type = null, immutable } = value;
    if (typeof task !== "string" || task === "") throw fault(where, `has the task ${showValue(task)}, not a name`);
    if (!isAbsent(args) && !Array.isArray(args)) throw fault(`${where}.args`, `is ${showValue(args)}, not a list`);
    const checkedKwargs = this.#record(kwargs, `${where}.kwargs`);
    const checkedOptions = this.#record(options, `${where}.options`);
    if (subtask_type !== null && typeof subtask_type !== "string") {
      throw fault(`${where}.subtask_type`, `is ${showValue(subtask_type)}, not text or null`);
    }
    if (!isAbsent(immutable) && typeof immutable !== "boolean") {
      throw fault(`${where}.immutable`, `is ${showValue(immutable)}, not true or false`);
    }
    this.#nested(subtask_type, checkedKwargs, checkedOptions, where, depth + 1);
    return {
      // Other members (chord_size of older peers) travel on.
      ...value,
      task,
      args: Array.isArray(args) ? args : [],
      kwargs: checkedKwargs,
      options: checkedOptions,
      subtask_type,
      immutable: immutable === true,
    };
  }

  #nested(kind: string | null, kwargs: Members, options: Members, where: string, depth: number): void {
    this.list(options.link, `${where}.options.link`, depth);
    this.list(options.link_error, `${where}.options.link_error`, depth);
    if (!isAbsent(options.chord)) this.signature(options.chord, `${where}.options.chord`, depth);
    if (kind === "chain" || kind === "group") {
      if (!Array.isArray(kwargs.tasks)) throw fault(`${where}.kwargs.tasks`, "is not a list");
      this.list(kwargs.tasks, `${where}.kwargs.tasks`, depth);
    } else if (kind === "chord") {
      if (isAbsent(kwargs.header)) throw fault(`${where}.kwargs.header`, "is missing");
      this.list(kwargs.header, `${where}.kwargs.header`, depth);
      if (isAbsent(kwargs.body)) throw fault(`${where}.kwargs.body`, "is missing");
      this.signature(kwargs.body, `${where}.kwargs.body`, depth);
    }
  }

  #record(value: unknown, where: string): Members {
    if (isAbsent(value)) return {};
    if (!isRecord(value)) throw fault(where, `is ${showValue(value)}, not an object`);
    return value;
  }
}

type Members = Readonly<Record<string, unknown>>;

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function fault(where: string, reason: string): DecodeError {
  return new DecodeError(`The message's ${where} ${reason}.`, { code: "E_CANVAS" });
}
