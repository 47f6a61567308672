/**
 * What we keep beside kombu's files, all in one hidden folder that kombu's listing passes over:
 * `.celeriac/tmp` messages in the writing, `.celeriac/owners/<id>` one folder per consuming broker with its claims,
 * `.celeriac/parked` far ETAs, `.celeriac/dead-letters` messages nobody could run, `.celeriac/locks` exchange tables.
 * @module
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FolderSettings } from "./folder-options.js";

/** Absolute paths; everything is on the file system of the folder it serves, because a claim is a rename. */
export interface OwnFolders {
  readonly tmp: string;
  readonly owners: string;
  readonly parked: string;
  readonly deadLetters: string;
  readonly locks: string;
}

export function ownFolders(settings: FolderSettings): OwnFolders {
  const taking = join(settings.inFolder, ".celeriac");
  return {
    tmp: join(settings.outFolder, ".celeriac", "tmp"),
    owners: join(taking, "owners"),
    parked: join(taking, "parked"),
    deadLetters: join(taking, "dead-letters"),
    locks: join(taking, "locks"),
  };
}

/** Makes every folder that is missing. kombu wants the data folders to exist; so ours do after the first call. */
export async function createFolders(settings: FolderSettings, own: OwnFolders): Promise<void> {
  const folders = [settings.inFolder, settings.outFolder, settings.controlFolder, ...Object.values(own)];
  if (settings.processedFolder !== undefined) folders.push(settings.processedFolder);
  for (const folder of folders) await mkdir(folder, { recursive: true });
}
