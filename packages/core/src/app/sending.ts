import type { TaskState } from "../protocol/result-meta.js";
import type { GetOptions, ProgressOptions, ResultHandle } from "./result-handle.js";

/**
 * A task or workflow on its way to the broker. Await it to know that the broker has it: it yields the handle, which is not thenable.
 * Or use it at once: its methods wait for the broker first, then for the answer.
 */
export class Sending<
  Result,
  Progress = unknown,
  Handle extends ResultHandle<Result, Progress> = ResultHandle<Result, Progress>,
> implements PromiseLike<Handle>
{
  readonly handle: Handle;
  readonly #published: Promise<void>;
  #isWatched = false;

  /** @param onUnseen - Hears of a failed send that nobody was waiting for when it failed. */
  constructor(handle: Handle, published: Promise<void>, onUnseen: (error: unknown) => void) {
    this.handle = handle;
    this.#published = published;
    // A send left for later must not end the process as an unhandled rejection; it still rejects for who asks later.
    published.catch((error: unknown) => {
      if (!this.#isWatched) onUnseen(error);
    });
  }

  get id(): string {
    return this.handle.id;
  }

  // biome-ignore lint/suspicious/noThenProperty: awaiting a send is the point; what it yields is not thenable
  then<A = Handle, B = never>(
    onSent?: ((handle: Handle) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const { handle } = this;
    this.#isWatched = true;
    return this.#published.then(onSent == null ? () => handle as unknown as A : () => onSent(handle), onError); // without onSent A is the handle
  }

  catch<B>(onError: (error: unknown) => B | PromiseLike<B>): Promise<Handle | B> {
    return this.then(null, onError);
  }

  /** Like `ResultHandle.get`; also rejects when the broker did not take the message. */
  get(options?: GetOptions): Promise<Result> {
    this.#isWatched = true;
    return this.handle.get(options); // the handle knows of the send: it listens while the message is on its way
  }

  async state(): Promise<TaskState> {
    await this.#sent();
    return this.handle.state();
  }

  async *progress(options?: ProgressOptions): AsyncGenerator<Progress, void, undefined> {
    await this.#sent();
    yield* this.handle.progress(options);
  }

  async forget(): Promise<void> {
    await this.#sent();
    await this.handle.forget();
  }

  #sent(): Promise<void> {
    this.#isWatched = true;
    return this.#published;
  }
}
