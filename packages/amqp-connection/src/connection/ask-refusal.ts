/**
 * Asks a server why it lets nobody in. amqplib keeps to itself what the server says when it closes a connection that is being
 * opened, and it is what tells a virtual host that is not there from one that is full or down for a while. So we open once
 * more by ourselves, as far as that answer.
 * @see AMQP 0-9-1, section 2.2.4.
 * @module
 */
import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { AmqpConnectionSettings } from "../options/connection-options.js";
import type { AmqpAddress } from "./amqp-address.js";
import { readFrames } from "./handshake-frames.js";
import { CREDENTIALS } from "./login.js";
import { tlsOptions } from "./tls-options.js";

/** What the server said when it closed the connection. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

const PROTOCOL_HEADER = Buffer.from("AMQP\0\0\x09\x01", "latin1");
/** Class and method of what the server says and we answer, as one number. */
const START = 0x000a_000a;
const START_OK = 0x000a_000b;
const TUNE = 0x000a_001e;
const TUNE_OK = 0x000a_001f;
const OPEN = 0x000a_0028;
const CLOSE = 0x000a_0032;
const CLOSE_OK = 0x000a_0033;

/** @returns `undefined` when there is no answer, or it lets us in by now. Never rejects. */
export async function askRefusal(address: AmqpAddress, settings: AmqpConnectionSettings): Promise<Refusal | undefined> {
  const socket = openSocket(address, settings);
  const until = { timeoutMs: settings.connectTimeoutMs };
  try {
    return await withDeadline(converse(socket, address, settings), until, () => new Error("no answer"));
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function openSocket({ hostname, port, secure }: AmqpAddress, { tls }: AmqpConnectionSettings): Socket {
  const socket = secure
    ? connectTls({
        host: hostname,
        port,
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
        ...tlsOptions(tls ?? {}),
      })
    : createConnection(port, hostname);
  socket.on("error", () => undefined); // reading it rejects as well
  return socket;
}

async function converse(
  socket: Socket,
  { username, password, virtualHost }: AmqpAddress,
  { loginMethod }: AmqpConnectionSettings,
): Promise<Refusal | undefined> {
  socket.write(PROTOCOL_HEADER);
  const login = CREDENTIALS[loginMethod](username, password);
  for await (const frame of readFrames(socket)) {
    switch (frame.readUInt32BE(0)) {
      case START:
        socket.write(
          method(START_OK, noProperties(), shortText(login.mechanism), longBytes(login.response()), shortText("en_US")),
        );
        break;
      case TUNE:
        socket.write(Buffer.concat([method(TUNE_OK, frame.subarray(4, 10), Buffer.alloc(2)), open(virtualHost)]));
        break;
      case CLOSE:
        await new Promise((resolve) => socket.write(method(CLOSE_OK), resolve));
        return { code: frame.readUInt16BE(4), text: frame.toString("utf8", 7, 7 + frame.readUInt8(6)) };
      default:
        return undefined;
    }
  }
  return undefined;
}

function open(virtualHost: string): Buffer {
  return method(OPEN, shortText(virtualHost), shortText(""), Buffer.alloc(1));
}

/** A frame of channel 0. */
function method(id: number, ...args: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(args);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length + 4, 3);
  head.writeUInt32BE(id, 7);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

function noProperties(): Buffer {
  return Buffer.alloc(4);
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function longBytes(bytes: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}
