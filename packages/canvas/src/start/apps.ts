import type { App, SignatureLike } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";

/** Apps whose tasks a workflow is made of: usually one, none when it was composed by name or read from a dictionary. */
export type Apps = readonly App[];

/** Those of all parts, each once. */
export function appsOf(parts: readonly unknown[]): Apps {
  return [...new Set(parts.flatMap(appsOfPart))];
}

function appsOfPart(part: unknown): Apps {
  if (Array.isArray(part)) return appsOf(part);
  if (typeof part !== "object" || part === null) return [];
  if ("~apps" in part && Array.isArray(part["~apps"])) return part["~apps"];
  const { "~app": app } = part as Partial<SignatureLike>; // callbacks may be dictionaries, which have none
  return app === undefined ? [] : [app];
}

/** The one that sends. @throws CeleriacError `APP_MISSING`, `APP_AMBIGUOUS` */
export function onlyApp(apps: Apps): App {
  const [app, other] = apps;
  if (app === undefined) {
    throw new CeleriacError(
      "This workflow does not know which app sends it: none of its steps was made by one. Send it with startWorkflow(app, workflow), or compose it of an app's tasks.",
      { code: "APP_MISSING" },
    );
  }
  if (other === undefined) return app;
  throw new CeleriacError(
    `This workflow has steps of two apps, "${app.name}" and "${other.name}". Say which one sends it with startWorkflow(app, workflow), or compose it of tasks of one app.`,
    { code: "APP_AMBIGUOUS" },
  );
}
