import { BackendError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type {
  AdapterContext,
  BackendFactory,
  CallOptions,
  GroupStore,
  ResultBackend,
  ResultWatcher,
  WatchOptions,
} from "@celeriac/core/ports";
import {
  decodeGroupMeta,
  decodeResultMeta,
  encodeGroupMeta,
  encodeResultMeta,
  type ResultMeta,
  type ResultRecord,
} from "@celeriac/core/protocol";
import { backendFault } from "./folder/backend-fault.js";
import {
  type BackendSettings,
  type FilesystemBackendOptions,
  parseBackendOptions,
  parseBackendUrl,
} from "./folder/backend-options.js";
import { ResultFolder } from "./folder/result-folder.js";
import { groupFileName, taskFileName } from "./folder/result-name.js";
import { FolderWatcher } from "./watch/folder-watcher.js";

/** Results in a folder, in Celery's layout. */
export interface FilesystemBackend extends ResultBackend {
  /**
   * Removes results and groups last written more than `olderThanMs` ago; resolves with how many. Nothing expires by
   * itself: call it from a scheduled task, as Celery calls `celery.backend_cleanup`.
   */
  cleanup(olderThanMs: number, options?: CallOptions): Promise<number>;
}

class FolderBackend implements FilesystemBackend {
  readonly description: string;
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly #settings: BackendSettings;
  readonly #folder: ResultFolder;
  readonly #watcher: FolderWatcher;
  #closed = false;

  constructor(options: FilesystemBackendOptions) {
    this.#settings = parseBackendOptions(options);
    const { folder, pollIntervalMs } = this.#settings;
    this.#folder = new ResultFolder(this.#settings);
    this.#watcher = new FolderWatcher(folder, this.#folder, pollIntervalMs);
    this.description = `file://${folder}`;
    this.watcher = { watch: (taskId, onMeta, watchOptions) => this.#watch(taskId, onMeta, watchOptions) };
    this.groups = this.#createGroups();
  }

  store(record: ResultRecord, options?: CallOptions): Promise<void> {
    return this.#call(`store the result of ${record.taskId}`, options, async () => {
      const name = this.#nameOf(record.taskId);
      const isWritten = await this.#folder.writeUnlessSuccess(name, this.#encode(record));
      if (isWritten) void this.#watcher.refresh(name); // sooner than the system reports it
    });
  }

  fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    return this.#call(`read the result of ${taskId}`, options, () =>
      this.#folder.readWhole(this.#nameOf(taskId), (content) =>
        decodeResultMeta(this.#folder.inflate(content), taskId),
      ),
    );
  }

  forget(taskId: string, options?: CallOptions): Promise<void> {
    return this.#call(`forget the result of ${taskId}`, options, () => this.#folder.remove(this.#nameOf(taskId)));
  }

  cleanup(olderThanMs: number, options?: CallOptions): Promise<number> {
    return this.#call("remove old results", options, () => this.#folder.removeOlder(Date.now() - olderThanMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#watcher.close();
  }

  async #watch(
    taskId: string,
    onMeta: (meta: ResultMeta) => void,
    options: WatchOptions | undefined,
  ): Promise<AsyncDisposable> {
    const stop = await this.#call(`watch the result of ${taskId}`, options, () =>
      this.#watcher.watch(this.#nameOf(taskId), taskId, onMeta, options?.onError),
    );
    return {
      async [Symbol.asyncDispose](): Promise<void> {
        stop();
      },
    };
  }

  #createGroups(): GroupStore {
    const nameOf = (groupId: string): string => groupFileName(this.#settings.keyPrefix, groupId);
    return {
      save: (groupId, tuple, options) =>
        this.#call(`save group ${groupId}`, options, () => this.#folder.write(nameOf(groupId), encodeGroupMeta(tuple))),
      restore: (groupId, options) =>
        this.#call(`restore group ${groupId}`, options, () =>
          this.#folder.readWhole(nameOf(groupId), (content) => decodeGroupMeta(content)),
        ),
      delete: (groupId, options) =>
        this.#call(`delete group ${groupId}`, options, () => this.#folder.remove(nameOf(groupId))),
    };
  }

  /** Any worker may have to read a member of a group for its chord: it stays plain. */
  #encode(record: ResultRecord): Uint8Array {
    const plain = Buffer.from(encodeResultMeta(record));
    return record.groupId === undefined ? this.#settings.compression.compress(plain, record.status) : plain;
  }

  #nameOf(taskId: string): string {
    return taskFileName(this.#settings.keyPrefix, taskId);
  }

  async #call<T>(action: string, options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new BackendError("This filesystem backend has been closed.", { code: "BACKEND_CLOSED" });
    options?.signal?.throwIfAborted();
    const timeoutMs = options?.timeoutMs ?? this.#settings.timeoutMs;
    const attempt = this.#folder
      .open()
      .then(work)
      .catch((error: unknown) => {
        this.#folder.reopen();
        throw backendFault(action, error);
      });
    return withDeadline(attempt, { timeoutMs, signal: options?.signal }, () => {
      const message = `The file system did not answer within ${timeoutMs} ms when asked to ${action}.`;
      return new BackendError(message, { code: "BACKEND_TIMEOUT", retryable: true });
    });
  }
}

/** Makes a result backend on a folder. */
export interface FilesystemBackendFactory extends BackendFactory {
  (options: FilesystemBackendOptions | string): FilesystemBackend;
}

const NO_CONTEXT: AdapterContext = { transportOptions: {} };

/**
 * Results in a folder, in the layout of Celery's `file://` backend: Python reads ours and we read Python's. Takes options,
 * or a URL (`file:///path/to/folder`). The folder is made by the first call.
 * @throws BackendError `BACKEND_REFUSED` for a URL that cannot be understood
 */
export const filesystemBackend: FilesystemBackendFactory = Object.assign(
  (options: FilesystemBackendOptions | string): FilesystemBackend =>
    new FolderBackend(typeof options === "string" ? parseBackendUrl(options, NO_CONTEXT) : options),
  {
    role: "backend",
    schemes: ["file"],
    fromUrl: (url: string, context: AdapterContext): ResultBackend => new FolderBackend(parseBackendUrl(url, context)),
  } as const,
);
