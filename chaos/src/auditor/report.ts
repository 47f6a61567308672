import type { Audit } from "./audit.js";

/** The judgement as a table for people. */
export function renderAudit({ ok, mode, figures, verdicts, broker }: Audit): string {
  const { recovery } = figures;
  const faults = Object.entries(figures.faults).map(([what, count]) => `${count} ${what}`);
  const rows: readonly (readonly [string, string])[] = [
    ["acks", mode],
    ["published / accepted / refused", `${figures.published} / ${figures.accepted} / ${figures.refused}`],
    ["faults", faults.join(", ") || "none"],
    ["starts", String(figures.starts)],
    ["lost", lossText(figures, mode)],
    [
      "duplicates",
      `${figures.duplicates}: ${figures.duplicatesDirect} by a fault in the run, ${figures.duplicatesInherited} inherited from an earlier attempt, ${figures.duplicatesRepublished} published twice, ${figures.duplicatesCopied} copied on purpose, ${figures.duplicatesUnexplained} unexplained`,
    ],
    [
      "recovery",
      `${recovery.count} messages, p50 ${seconds(recovery.p50Ms)}, p99 ${seconds(recovery.p99Ms)}, max ${seconds(recovery.maxMs)}`,
    ],
    ...(figures.resumption === undefined
      ? []
      : [
          [
            "after a cut",
            `${figures.resumption.count} cuts, nothing began for at most ${seconds(figures.resumption.maxMs)}`,
          ] as const,
        ]),
    ...(figures.faults["kill-child"] === undefined
      ? []
      : [["tasks per child kill", `at most ${figures.childTasksPerKill}`] as const]),
    ...chordRows(figures),
    ["results missing", String(figures.resultsMissing)],
    [
      "left at the broker",
      Object.entries(broker)
        .map(([key, count]) => `${key} ${count}`)
        .join(", "),
    ],
    ["seconds", figures.seconds.toFixed(1)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length), ...verdicts.map(({ name }) => name.length + 5));
  const lines = [
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    "",
    ...verdicts.map(
      ({ name, ok: holds, count, detail, cases }) =>
        `  ${`${holds ? "ok  " : "FAIL"} ${name}`.padEnd(width)}  ${count} (${detail})${holds ? "" : `: ${cases.slice(0, 10).join(", ")}`}`,
    ),
    "",
    `  ${ok ? "PASSED" : "FAILED"}`,
  ];
  return lines.join("\n");
}

function chordRows({ chords }: Audit["figures"]): readonly (readonly [string, string])[] {
  if (chords === undefined) return [];
  return [
    ["chords", `${chords.accepted} accepted of ${chords.offered}, ${chords.failing} of them with a header that fails`],
    ["never / twice / wrong list", `${chords.never} / ${chords.twice} / ${chords.wrongList}`],
    [
      "damage to chords",
      `${chords.copies} copies of header messages, ${chords.sizesLost} sizes lost, ${chords.contradictions} header tasks that returned different values`,
    ],
    ["bodies and errbacks", `${chords.explainedRepeats} started again after an interruption of their own`],
  ];
}

function lossText(figures: Audit["figures"], mode: Audit["mode"]): string {
  if (mode === "late") return String(figures.lost);
  const unexplained = figures.lost - figures.lostInRun - figures.lostBetweenAckAndStart;
  return `${figures.lost}: ${figures.lostInRun} in a run, ${figures.lostBetweenAckAndStart} between ack and start (bound ${figures.lossBound}), ${unexplained} unexplained`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
