// @ts-check
/**
 * @param {readonly import("./find-service.mjs").Found[]} found
 * @returns {string} One line per service, columns aligned.
 */
export function statusTable(found) {
  const rows = found.map(({ service, provision, missing, startedHere }) => [
    service.title,
    provision === undefined ? "missing" : startedHere ? "started" : "ready",
    provision?.how ?? "-",
    provision?.detail ?? missing ?? "",
  ]);
  const all = [["service", "state", "from", "detail"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
