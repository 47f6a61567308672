// @ts-check
/** `npm test`: works from a fresh clone on a machine with nothing but Node and npm. */
import { verifyWorkspace } from "./verify-workspace.mjs";

process.exitCode = await verifyWorkspace();
