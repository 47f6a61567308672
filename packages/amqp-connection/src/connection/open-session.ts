import { connect } from "amqplib";
import type { AmqpConnectionSettings } from "../options/connection-options.js";
import { readOwnHeaderFrames } from "../wire/own-header-frames.js";
import type { AmqpAddress } from "./amqp-address.js";
import { AmqpSession } from "./amqp-session.js";
import { askRefusal } from "./ask-refusal.js";
import { connectFailure, isClosedWhileOpening } from "./connect-failure.js";
import { CREDENTIALS } from "./login.js";
import { tlsOptions } from "./tls-options.js";

/**
 * Connects once.
 * @param purpose - Shown by the management page behind the client's name.
 * @throws BrokerError saying what is wrong with the address, ConfigError when a certificate file cannot be read.
 */
export async function openSession(
  address: AmqpAddress,
  settings: AmqpConnectionSettings,
  purpose: string,
): Promise<AmqpSession> {
  const { hostname, port, username, password, virtualHost } = address;
  const isSecure = address.secure || settings.tls !== undefined;
  const socket = {
    noDelay: true, // or Nagle's algorithm holds every small frame until the last one is acknowledged
    keepAlive: true,
    clientProperties: { connection_name: `${settings.clientName} ${purpose}`, product: "celeriac" },
    credentials: CREDENTIALS[settings.loginMethod](username, password),
    ...(isSecure ? tlsOptions(settings.tls ?? {}) : {}),
    timeout: settings.connectTimeoutMs,
  };
  try {
    const model = await connect(
      {
        protocol: isSecure ? "amqps" : "amqp",
        hostname,
        port,
        vhost: encodeURIComponent(virtualHost), // amqplib decodes it
        heartbeat: Math.ceil(settings.heartbeatMs / 1000),
      },
      socket,
    );
    readOwnHeaderFrames(model.connection);
    return new AmqpSession(model, address, settings.onWarning);
  } catch (error) {
    const refusal = isClosedWhileOpening(error)
      ? await askRefusal({ ...address, secure: isSecure }, settings)
      : undefined;
    throw connectFailure(error, address, refusal);
  }
}
