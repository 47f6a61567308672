/**
 * Synthetic ledgers: a story is told event by event, each a millisecond after the one before.
 * @module
 */
import type { Audit, AuditInput } from "../src/auditor/audit.js";
import { audit } from "../src/auditor/audit.js";
import type { EntryKind, LedgerEntry } from "../src/auditor/ledger-entry.js";

interface Event {
  readonly kind: EntryKind;
  readonly id?: string;
  readonly attempt?: number;
  readonly boot?: string;
  readonly pid?: number;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** Collects lines; the clock is its own. */
export class LedgerStory {
  readonly entries: LedgerEntry[] = [];
  nowMs = 1000;

  tell(event: Event): this {
    this.nowMs += 1;
    const { kind, id = "t1", attempt = 0, boot = "w1.1", pid = 100, extra = {} } = event;
    this.entries.push({ kind, atMs: this.nowMs, run: "r", id: kind === "X" ? "-" : id, attempt, boot, pid, extra });
    return this;
  }

  wait(ms: number): this {
    this.nowMs += ms;
    return this;
  }

  accepted(id = "t1"): this {
    return this.tell({ kind: "P", id, boot: "publisher", pid: 1 }).tell({ kind: "K", id, boot: "publisher", pid: 1 });
  }

  claimed(at: Partial<Event> = {}): this {
    return this.tell({ kind: "C", ...at, extra: { tag: tagOf(at) } });
  }
  started(at: Partial<Event> = {}): this {
    return this.tell({ kind: "S", ...at, extra: { wall: this.nowMs, ...at.extra } });
  }
  ended(out: "ok" | "raise" | "retry", at: Partial<Event> = {}): this {
    return this.tell({ kind: "E", ...at, extra: { out } });
  }
  ackAsked(at: Partial<Event> = {}): this {
    return this.tell({ kind: "A", ...at, extra: { phase: "asked", tag: tagOf(at) } });
  }
  acked(at: Partial<Event> = {}): this {
    return this.ackAsked(at).tell({ kind: "A", ...at, extra: { phase: "confirmed", tag: tagOf(at) } });
  }
  returned(at: Partial<Event> = {}): this {
    return this.tell({ kind: "A", ...at, extra: { phase: "returned", tag: tagOf(at) } });
  }
  /** A retry, published by the worker. */
  republished(at: Partial<Event>): this {
    return this.tell({ kind: "P", ...at }).tell({ kind: "K", ...at, extra: {} });
  }
  killed(boot = "w1.1", number = 1): this {
    const place = { boot: "driver", pid: 2 };
    return this.tell({
      kind: "X",
      ...place,
      extra: { fault: number, what: "kill-group", phase: "begin", boots: [boot] },
    }).tell({ kind: "X", ...place, extra: { fault: number, phase: "end" } });
  }
  childKilled(pid: number, number = 1): this {
    const place = { boot: "driver", pid: 2 };
    return this.tell({
      kind: "X",
      ...place,
      extra: { fault: number, what: "kill-child", phase: "begin", pids: [pid] },
    }).tell({ kind: "X", ...place, extra: { fault: number, phase: "end" } });
  }
  allCut(number = 1): this {
    const place = { boot: "driver", pid: 2 };
    return this.tell({
      kind: "X",
      ...place,
      extra: { fault: number, what: "cut", phase: "begin", everybody: true },
    }).tell({ kind: "X", ...place, extra: { fault: number, phase: "end" } });
  }

  /** The whole life of a task that nothing happens to. */
  plainLate(id = "t1"): this {
    return this.accepted(id).claimed({ id }).started({ id }).ended("ok", { id }).acked({ id });
  }

  judge(mode: "late" | "early", more: Partial<AuditInput> = {}): Audit {
    const ids = new Set(this.entries.filter((entry) => entry.kind === "E").map((entry) => entry.id));
    return audit({
      ledger: { entries: this.entries, malformed: [] },
      mode,
      broker: { counts: { queue: 0, unacked: 0 }, deadLetters: 0, deadLetterIds: new Set() },
      results: new Map([...ids].map((id) => [id, "SUCCESS"])),
      minFaults: 0,
      maxRecoveryMs: 10_000,
      ...more,
    });
  }
}

/** Names of the verdicts that do not hold. */
export function failedVerdicts(judgement: Audit): readonly string[] {
  return judgement.verdicts.filter((verdict) => !verdict.ok).map((verdict) => verdict.name);
}

function tagOf({ id = "t1", attempt = 0, boot = "w1.1" }: Partial<Event>): string {
  return `${boot}/${id}/${attempt}`;
}
