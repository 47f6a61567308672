import type { Screen } from "../screen/screen.js";

const TRY_NEXT: readonly { readonly text: string; readonly command: string }[] = [
  { text: "The same, checked by itself:", command: "npm run demo -- --once" },
  {
    text: "A worker for the tasks of examples/hello, from the command line; leave it running:",
    command: "cd examples/hello && npx celeriac -A src/tasks.ts worker -c 2",
  },
  {
    text: "Give it something to do, from another terminal:",
    command: "cd examples/hello && npx celeriac -A src/tasks.ts call hello.add -a '[2, 3]'",
  },
];

/** What was seen, where its code is, what to do now. */
export function close(screen: Screen, seen: readonly string[]): void {
  screen.blank();
  screen.title("What you saw");
  for (const line of seen) screen.item(line);
  screen.text("The tasks are in examples/demo/src/tasks.ts; how it all fits together in docs/architecture.md.");
  screen.blank();
  screen.title("Try next");
  for (const { text, command } of TRY_NEXT) {
    screen.text(text);
    screen.command(command);
  }
}
