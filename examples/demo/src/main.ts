/** `npm run demo`: a show for people. `npm run demo -- --once`: the same, checked, for machines. */
import { runChecks } from "./check/run-checks.js";
import { Screen } from "./screen/screen.js";
import { runShow } from "./show/run-show.js";

const once = process.argv.includes("--once");
const unknown = process.argv.slice(2).filter((argument) => argument !== "--once");

/** The first signal ends the show, the second ends everything. */
function listenForEnd(): AbortSignal {
  const end = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (end.signal.aborted) process.exit(130); // what is left behind is removed on exit
      end.abort(new Error(`stopped by ${name}`));
    });
  }
  return end.signal;
}

if (unknown.length > 0) {
  console.error(`Unknown argument "${unknown.join(" ")}". Known: --once (check everything and say passed or failed).`);
  process.exitCode = 2;
} else {
  const screen = new Screen(process.stdout, process.env);
  const end = listenForEnd();
  process.exitCode = once ? await runChecks(screen, end) : await runShow(screen, end);
}
