/** Exit codes, as Celery's where it has one. */
export const EXIT = {
  ok: 0,
  /** The command could not do what was asked; also a cold shutdown. */
  failed: 1,
  /** Wrong usage: unknown command, missing or wrong option. */
  usage: 2,
  /** No worker answered. */
  nobodyAnswered: 69,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a message and a code of its own; shown without stack trace. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}
