/**
 * Says what a failed connection means to a caller: which part of the address is wrong, and what to do about it.
 * @module
 */
import { BrokerError, type BrokerErrorCode } from "@celeriac/core/errors";
import { type AmqpAddress, showAddress } from "./amqp-address.js";
import type { Refusal } from "./ask-refusal.js";

interface Meaning {
  readonly code: BrokerErrorCode;
  readonly retryable: boolean;
  readonly what: string;
  readonly fix: string;
}

/** Reply codes of AMQP. */
const NOT_ALLOWED = 530;
const ACCESS_REFUSED = 403;

const CERTIFICATE = /^(?:ERR_TLS_|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|HOSTNAME_)/;
const NOT_TLS = /wrong version number|packet length too long|ERR_SSL_/i;
const NOT_AMQP = /Invalid frame|exceeds maxFrameSize|Frame on channel != 0|closed abruptly|ECONNRESET/;

/** Whether the server knew us, and closed the connection when it was to be opened. amqplib does not tell what it said. */
export function isClosedWhileOpening(error: unknown): boolean {
  return error instanceof Error && /Expected ConnectionOpenOk; got <ConnectionClose/.test(error.message);
}

/**
 * @param error - What amqplib or the socket said.
 * @param refusal - What the server said, when `isClosedWhileOpening` and it could be asked.
 */
export function connectFailure(error: unknown, address: AmqpAddress, refusal?: Refusal): BrokerError {
  if (error instanceof BrokerError) return error;
  const detail = refusal?.text ?? (error instanceof Error ? error.message : String(error));
  const { code, retryable, what, fix } = isClosedWhileOpening(error)
    ? meaningOfRefusal(refusal, address)
    : meaningOf(error, detail, address);
  return new BrokerError(
    `RabbitMQ at ${showAddress(address)} ${what}: ${trimmed(detail)}.${fix === "" ? "" : ` ${fix}`}`,
    {
      code,
      retryable,
      cause: error,
    },
  );
}

function meaningOf(error: unknown, detail: string, address: AmqpAddress): Meaning {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const { username, secure } = address;
  if (/ACCESS.REFUSED|SASL mechanism/.test(detail)) {
    const fix = `Check user and password${username === "guest" ? ' ("guest" may connect from localhost only)' : ""}, and the login method.`;
    return { code: "BROKER_AUTH", retryable: false, what: `rejected the credentials of user "${username}"`, fix };
  }
  if (CERTIFICATE.test(code)) {
    const fix = "Give the certificate of the authority as `tls: { ca }` or `{ caFile }`, and the name it is for.";
    return { code: "BROKER_AUTH", retryable: false, what: "has a certificate that is not trusted", fix };
  }
  if (NOT_TLS.test(detail) || NOT_TLS.test(code)) {
    const fix = "The port speaks no TLS, or another version of it: use amqp:// for it, or the TLS port, usually 5671.";
    return { code: "BROKER_REFUSED", retryable: false, what: "and this client could not agree on TLS", fix };
  }
  const fix = NOT_AMQP.test(detail) && !secure ? "If it is a TLS port, use amqps://." : "";
  return { code: "BROKER_UNAVAILABLE", retryable: true, what: "is not reachable", fix };
}

/**
 * A virtual host that is not there, or not for this user, stays so; a limit of connections, a virtual host that is down and
 * whatever else the server may say passes. It says both with 530, so its words decide, without the names in them.
 */
function meaningOfRefusal(refusal: Refusal | undefined, { username, virtualHost }: AmqpAddress): Meaning {
  const name = JSON.stringify(virtualHost);
  const what = `does not let user "${username}" into ${name}`;
  const words = refusal?.text.replace(/'[^']*'/g, "") ?? "";
  const isFinal = refusal?.code === NOT_ALLOWED || refusal?.code === ACCESS_REFUSED;
  if (isFinal && /\bnot found\b/.test(words)) {
    const fix = `Add it: rabbitmqctl add_vhost ${name}; in a URL it is /name, or // for "/".`;
    return { code: "BROKER_REFUSED", retryable: false, what, fix };
  }
  if (isFinal && /\brefused\b/.test(words) && !/\blimit\b|\bis down\b/.test(words)) {
    const fix = `Give the user permissions: rabbitmqctl set_permissions -p ${name} ${username} ".*" ".*" ".*".`;
    return { code: "BROKER_REFUSED", retryable: false, what, fix };
  }
  return { code: "BROKER_UNAVAILABLE", retryable: true, what: `${what} for now`, fix: "" };
}

/** The last line of amqplib's handshake errors is what the server said; what is in front of it are our own words. */
function trimmed(detail: string): string {
  const said = /(?:^|with message |replyText:|")"?([A-Z]{3,}[A-Z_]+ - [^"]*)"?/.exec(detail)?.[1];
  return (said ?? detail).replace(/\.?\s*$/, "");
}
