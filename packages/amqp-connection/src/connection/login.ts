import { credentials } from "amqplib";
import type { LoginMethod } from "../options/connection-options.js";

/** What a login consists of: the name of its SASL mechanism, and what is answered. */
export interface Login {
  readonly mechanism: string;
  response(): Buffer;
}

/** How each login method says who we are. */
export const CREDENTIALS: Readonly<Record<LoginMethod, (username: string, password: string) => Login>> = {
  PLAIN: credentials.plain,
  AMQPLAIN: credentials.amqplain,
  EXTERNAL: credentials.external,
};
