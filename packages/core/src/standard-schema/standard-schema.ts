/**
 * The part of Standard Schema v1 that Celeriac uses: zod, valibot, arktype and others all offer it, so no validator
 * becomes a dependency. @see the Standard Schema specification.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a caller may pass. */
export type InferInput<S> = S extends StandardSchema<infer I, unknown> ? I : never;
/** What the task receives. */
export type InferOutput<S> = S extends StandardSchema<unknown, infer O> ? O : never;
