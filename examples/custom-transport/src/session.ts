import { BrokerError } from "@celeriac/core/errors";
import pg from "pg";

const ENTER = `LISTEN celeriac;
  SELECT pg_advisory_lock('celeriac_message'::regclass::oid::integer, nextval('celeriac_owner')::integer)`;

/** One connection. What is claimed through it is claimed as long as it lives. */
export interface Session {
  readonly client: pg.Client;
  /** Resolves with the rows. Statements are carried out in the order of the calls. @throws BrokerError */
  ask<Row extends pg.QueryResultRow>(this: Session, statement: string, ...values: unknown[]): Promise<Row[]>;
  /** Aborts when the call that this is used for is over: what still waits for its turn then is not sent any more. */
  readonly over?: AbortSignal | undefined;
}

/** @throws BrokerError `BROKER_AUTH`, `BROKER_UNAVAILABLE` */
export async function openSession(connectionString: string, onLost: () => void): Promise<Session> {
  const client = new pg.Client({ connectionString, keepAlive: true, connectionTimeoutMillis: 10_000 });
  client.setMaxListeners(0).once("end", onLost);
  client.on("error", () => undefined); // the end follows
  let last: Promise<unknown> = client.connect().then(() => client.query(ENTER));
  await last.catch((error) => client.end().then(() => fail(error)));
  const ask: Session["ask"] = function (statement, ...values) {
    const sent = last.then(() => this.over?.throwIfAborted()).then(() => client.query(statement, values));
    const answer = sent.then(({ rows }) => rows, fail);
    last = answer.catch(() => undefined);
    return answer;
  };
  return { client, ask };
}

/** Throws what the library threw as the port names it. The first two characters of an SQLSTATE are its class. */
function fail(error: unknown): never {
  const state = error instanceof pg.DatabaseError ? (error.code ?? "").slice(0, 2) : "";
  const retryable = ["", "08", "40", "53", "57"].includes(state); // no answer, connection, conflict, resources, shutdown
  const code = state === "28" ? "BROKER_AUTH" : retryable ? "BROKER_UNAVAILABLE" : "BROKER_REFUSED";
  const message = `PostgreSQL: ${error instanceof Error ? error.message : error}`;
  throw new BrokerError(message, { code, retryable, cause: error });
}
