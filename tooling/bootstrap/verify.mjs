// @ts-check
/** `pnpm verify`: the steps of `npm test` as CI counts them, where a missing service is a failure. */
process.env.CI = "true";
const { verifyWorkspace } = await import("./verify-workspace.mjs");

process.exitCode = await verifyWorkspace();
