import type { App, AppConfig } from "@celeriac/core";
import { backendFromUrl, brokerFromUrl } from "@celeriac/core";
import { issuesOf } from "../settings/config-problems.js";
import { packagesFor } from "./adapter-packages.js";
import { importAdapter, schemeOf } from "./import-adapter.js";

/**
 * Gives the app the broker and the result backend that URLs name. A URL from outside (`-b`, environment, file) wins over
 * the adapter that the app was made with. A URL of the app itself is left to the app's own `adapters`; only when none of
 * them claims it is one looked up. Opens nothing.
 * @throws ConfigError naming the scheme or the package to install.
 */
export async function attachAdapters(app: App, outer: AppConfig, workdir: string): Promise<void> {
  const broker = firstUrl(outer.brokerUrl);
  const isBrokerSet = broker !== null && packagesFor("broker", schemeOf(broker)) !== undefined;
  // A scheme that Celeriac does not know may be one of the app's own adapters'.
  if (broker !== null) app.configure({ broker: isBrokerSet ? await makeBroker(app, broker, workdir) : broker });
  const backend = outer.resultBackend ?? null;
  const isBackendSet = backend !== null && packagesFor("backend", schemeOf(backend)) !== undefined;
  if (backend !== null) app.configure({ backend: isBackendSet ? await makeBackend(app, backend, workdir) : backend });

  const { brokerUrl, resultBackend } = app.settings;
  const backendRefusal = isBackendSet ? undefined : refusalOf(() => app.backend, resultBackend);
  if (backendRefusal !== undefined) {
    app.configure({ backend: await makeBackend(app, backendRefusal.url, workdir) });
  }
  const brokerRefusal = isBrokerSet ? undefined : refusalOf(() => app.broker, firstUrl(brokerUrl));
  if (brokerRefusal === undefined) return;
  const made = await makeBroker(app, brokerRefusal.url, workdir);
  // Once the app has made its backend itself, it takes no other broker: then its own `adapters` lack one.
  const isBackendMade = !isBackendSet && backendRefusal === undefined && resultBackend !== null;
  if (isBackendMade) throw brokerRefusal.error;
  app.configure({ broker: made });
}

function firstUrl(urls: string | readonly string[] | null | undefined): string | null {
  return (typeof urls === "string" ? urls : urls?.[0]) ?? null;
}

/** The error with which the app refuses a URL that none of its adapters claims. Making an adapter does no I/O. */
function refusalOf(
  make: () => unknown,
  url: string | null,
): { readonly url: string; readonly error: unknown } | undefined {
  if (url === null || url === "") return undefined;
  try {
    make();
    return undefined;
  } catch (error) {
    if (issuesOf(error) === undefined) throw error;
    return { url, error };
  }
}

/** @param url - One of the app's own; its further ones are what the broker fails over to. */
async function makeBroker(app: App, url: string, workdir: string): Promise<NonNullable<AppConfig["broker"]>> {
  const factory = await importAdapter("broker", url, workdir);
  const [first, ...others] = [app.settings.brokerUrl ?? []].flat();
  return brokerFromUrl(first === url ? [url, ...others] : [url], [factory], app.settings);
}

async function makeBackend(app: App, url: string, workdir: string): Promise<NonNullable<AppConfig["backend"]>> {
  const factory = await importAdapter("backend", url, workdir);
  return backendFromUrl(url, [factory], app.settings, app.oid);
}
