/**
 * Our client as a program: `node dist/client-program.js NAME [ARGS] [OPTIONS]` sends a task by name and prints its end as
 * one JSON line, `{ id, status, value }` or `{ id, status, error }`. ARGS is a JSON array, OPTIONS our `SendOptions` as
 * JSON. Configured by CELERIAC_PEER_CONF, like the Python client.
 * @module
 */
import { TaskError } from "@celeriac/core";
import { showValue } from "./canonical-value.js";
import { createInteropApp } from "./interop-app.js";

const [name = "interop.side", args = "[]", options = "{}"] = process.argv.slice(2);
const app = createInteropApp(JSON.parse(process.env.CELERIAC_PEER_CONF ?? "{}"));
const handle = await app.send(name, JSON.parse(args), JSON.parse(options));
const ending = await handle.get({ timeout: "10s" }).then(
  (value) => ({ value: showValue(value) }),
  (error: unknown) => ({
    error:
      error instanceof TaskError
        ? { type: error.pyType, module: error.pyModule, args: showValue(error.args) }
        : { type: "client", args: [String(error)] },
  }),
);
console.log(JSON.stringify({ id: handle.id, status: await handle.state(), ...ending }));
await app.close();
