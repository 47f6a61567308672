import type { SignatureLike } from "@celeriac/core";

/** Whatever can be a step, a member or a body: a task's signature or a composite. */
export type AnyStep = SignatureLike;

/** The leading arguments that a step still takes. */
export type RestOf<S> = S extends { delay(...args: infer Rest): unknown }
  ? Rest
  : S extends { readonly "~rest"?: (...args: infer Rest) => void }
    ? Rest
    : readonly unknown[];

/** What a step returns. */
export type ResultOf<S> = S extends { readonly "~result"?: infer Result }
  ? Exclude<Result, undefined> | UndefinedIn<S>
  : unknown;

/** An optional property always reads as possibly undefined; only a step that says so returns it. */
type UndefinedIn<S> = S extends { readonly "~result"?: infer Result }
  ? undefined extends Result
    ? Result & undefined
    : never
  : never;

/** What the compiler shows when a step cannot take what comes before it. */
export interface StepMismatch<Message extends string, Returns, Takes> {
  readonly "~mismatch": Message;
  readonly "~returns": Returns;
  readonly "~takes": Takes;
}

/** Whether a step takes one value. A complete step takes none, an untyped value is taken on trust. */
export type Accepts<Step, Value> =
  RestOf<Step> extends readonly []
    ? true
    : unknown extends Value
      ? true
      : readonly [Value] extends Readonly<RestOf<Step>>
        ? true
        : false;

/** The step itself, or why it cannot stand there. */
export type After<Step, Value> =
  Accepts<Step, Value> extends true
    ? Step
    : StepMismatch<"This step does not take what the step before it returns.", Value, RestOf<Step>>;

/** The body itself, or why it cannot take the header's results. */
export type BodyAfter<Body, Results> =
  Accepts<Body, Results> extends true
    ? Body
    : StepMismatch<"This body does not take the list of the header's results.", Results, RestOf<Body>>;

/** Each step, or in its place why it does not follow the one before it. */
export type Checked<Steps extends readonly unknown[]> = number extends Steps["length"]
  ? Steps
  : Steps extends readonly [infer First, ...infer More]
    ? CheckedAfter<More, ResultOf<First>, [First]>
    : Steps;

type CheckedAfter<Steps extends readonly unknown[], Value, Done extends readonly unknown[]> = Steps extends readonly [
  infer Next,
  ...infer More,
]
  ? CheckedAfter<More, ResultOf<Next>, [...Done, After<Next, Value>]>
  : Done;

export type FirstOf<Steps extends readonly unknown[]> = Steps extends readonly [infer First, ...unknown[]]
  ? First
  : Steps[number];

export type LastOf<Steps extends readonly unknown[]> = Steps extends readonly [...unknown[], infer Last]
  ? Last
  : Steps[number];

/** The list a group returns: a tuple when its members are known one by one. */
export type ResultsOf<Members extends readonly unknown[]> = number extends Members["length"]
  ? ResultOf<Members[number]>[]
  : { -readonly [I in keyof Members]: ResultOf<Members[I]> };

/** What all members take: complete ones take nothing and set no bounds. */
export type GroupRest<Members extends readonly unknown[]> = number extends Members["length"]
  ? RestOf<Members[number]>
  : SharedRest<Members, readonly []>;

type SharedRest<Members extends readonly unknown[], Sofar> = Members extends readonly [infer First, ...infer More]
  ? SharedRest<More, Both<Sofar, RestOf<First>>>
  : Sofar extends readonly unknown[]
    ? Sofar
    : readonly unknown[];

type Both<A, B> = A extends readonly [] ? B : B extends readonly [] ? A : B extends A ? B : A extends B ? A : A & B;
