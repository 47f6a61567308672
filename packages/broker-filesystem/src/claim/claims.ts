/**
 * The messages in our hands. A claim is a rename out of the queue's folder into our own, an ack deletes the file there.
 * Invariants: (1) every message is at every instant under exactly one name, so a kill at any instruction loses nothing
 * and doubles nothing; (2) a file that is not in our `claimed` folder is not ours: `LEASE_LOST`; (3) a claim leaves the
 * map before its file is touched, so it is settled once.
 * @module
 */
import { isUtf8 } from "node:buffer";
import { readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { BrokerError } from "@celeriac/core/errors";
import { markRedelivered } from "@celeriac/core/protocol";
import { folderFault, isMissing } from "../folder/folder-fault.js";
import type { FolderSettings } from "../folder/folder-options.js";
import { createMessageName, redeliveredName } from "../folder/message-name.js";
import type { OwnFolders } from "../folder/own-folders.js";
import { stageFile } from "../folder/write-file.js";
import { claimName } from "./claim-name.js";
import type { Owner } from "./owner.js";

/** A message in our hands. */
export interface Claim {
  readonly tag: string;
  readonly queue: string;
  /** The name it waited under. */
  readonly name: string;
  readonly path: string;
}

export interface ClaimsContext {
  readonly settings: FolderSettings;
  readonly own: OwnFolders;
  readonly owner: Owner;
  /** Hears of every file that is put back into the folder. */
  readonly onPutBack: (name: string) => void;
}

export class Claims {
  readonly #context: ClaimsContext;
  readonly #held = new Map<string, { readonly claim: Claim; readonly onSettled: () => void }>();
  #count = 0;

  constructor(context: ClaimsContext) {
    this.#context = context;
  }

  /** Takes the waiting message `name` into our hands; `undefined` when somebody else was faster. */
  take(queue: string, name: string, onSettled: () => void): Promise<Claim | undefined> {
    return this.#take(queue, name, join(this.#context.settings.inFolder, name), onSettled);
  }

  /** Takes over the claim of a dead owner; `undefined` when somebody else was faster. */
  adopt(queue: string, name: string, path: string): Promise<Claim | undefined> {
    return this.#take(queue, name, path, () => undefined);
  }

  /** Ends the claim: the message is done with. */
  ack(tag: string): Promise<void> {
    return this.#settle(tag, ({ path, name }) => {
      const { processedFolder } = this.#context.settings;
      return processedFolder === undefined ? unlink(path) : rename(path, join(processedFolder, name));
    });
  }

  /** Ends the claim: the message is dropped. */
  drop(tag: string): Promise<void> {
    return this.#settle(tag, ({ path }) => unlink(path));
  }

  /** Ends the claim: the message goes behind the waiting ones, flagged. */
  requeue(tag: string): Promise<void> {
    return this.#settle(tag, (claim) =>
      this.#putBack(claim, createMessageName(claim.queue, { redelivered: true }), true),
    );
  }

  /** Ends the claim: the message goes back to its old place, in front of what was sent later, flagged. */
  restore(tag: string): Promise<void> {
    return this.#settle(tag, (claim) => this.#putBack(claim, redeliveredName(claim.name), true));
  }

  /** Undoes a claim nobody has seen. */
  undo(tag: string): Promise<void> {
    return this.#settle(tag, (claim) => this.#putBack(claim, claim.name, false));
  }

  /** Ends the claim: the message waits in the parking until it is due. */
  park(tag: string, dueAtMs: number): Promise<void> {
    const dueMs = Math.max(0, Math.ceil(dueAtMs));
    return this.#settle(tag, ({ path, name }) => rename(path, join(this.#context.own.parked, claimName(dueMs, name))));
  }

  /** Gives back everything; what cannot be given back now is swept later, as after a crash. */
  async restoreAll(): Promise<void> {
    await Promise.allSettled([...this.#held.keys()].map((tag) => this.restore(tag)));
  }

  async #take(queue: string, name: string, from: string, onSettled: () => void): Promise<Claim | undefined> {
    const { owner } = this.#context;
    this.#count += 1;
    const path = join(owner.claimed, claimName(this.#count, name));
    const claim = { tag: `${owner.id}.${this.#count}`, queue, name, path };
    try {
      await rename(from, path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw folderFault(`claim a message of queue "${queue}"`, error);
    }
    this.#held.set(claim.tag, { claim, onSettled });
    return claim;
  }

  async #settle(tag: string, work: (claim: Claim) => Promise<void>): Promise<void> {
    const held = this.#held.get(tag);
    if (held === undefined) throw leaseLost(tag);
    this.#held.delete(tag);
    try {
      await work(held.claim);
    } catch (error) {
      if (isMissing(error)) {
        held.onSettled();
        throw leaseLost(tag);
      }
      this.#held.set(tag, held);
      throw folderFault(`settle a delivery of queue "${held.claim.queue}"`, error);
    }
    held.onSettled();
  }

  async #putBack(claim: Claim, name: string, flag: boolean): Promise<void> {
    if (flag) await this.#flagContent(claim.path).catch(() => undefined); // a full disk must not keep the message here
    await rename(claim.path, join(this.#context.settings.inFolder, name));
    this.#context.onPutBack(name);
  }

  /** Our readers see the flag in the name; kombu's look for it in the message. */
  async #flagContent(path: string): Promise<void> {
    const { owner, settings } = this.#context;
    // Replacing the file would bring it back if a sweep had just taken it. Nobody sweeps an owner whose heart beats.
    if (owner.silenceMs() > settings.leaseMs / 2) return;
    const bytes = await readFile(path);
    if (!isUtf8(bytes)) return; // no envelope, and as text it would not be the same bytes
    const raw = bytes.toString("utf8");
    const flagged = markRedelivered(raw);
    if (flagged === raw) return;
    const staged = await stageFile(owner.folder, flagged, settings.fsync);
    await staged.place(path);
  }
}

function leaseLost(tag: string): BrokerError {
  const message = `Delivery ${tag} is not ours any more: it was settled already, or another worker took it over.`;
  return new BrokerError(message, { code: "LEASE_LOST" });
}
