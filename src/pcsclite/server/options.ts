/**
 * What a server can be told, and what it tells.
 *
 * @module
 */

import {
  PCSC_LITE_PROFILE,
  type Profile,
  type ResourceManager,
  type Timers,
} from "../../resource_manager/mod.ts";

/**
 * Behaviour for a resource manager that a server offers: pcsc-lite's, except that a begin
 * waits as long as it takes. The tenth of a second of the wire is the server's business:
 * it keeps the place in line of clients that ask again.
 */
export const PCSC_LITE_SERVER_PROFILE: Profile = {
  ...PCSC_LITE_PROFILE,
  beginWaitMs: Infinity,
};

/** Default of {@linkcode PcscLiteServerOptions.mode}. */
export const DEFAULT_SOCKET_MODE = 0o600;
/** Default of {@linkcode PcscLiteServerOptions.writeTimeoutMs}, in milliseconds. */
export const DEFAULT_WRITE_TIMEOUT_MS = 30_000;

/** What happened at a server. */
export type ServerEvent =
  | {
    /** A client came. */
    readonly kind: "connected";
    /** Its number. */
    readonly client: number;
  }
  | {
    /** A client was refused: there are too many. */
    readonly kind: "refused";
    /** How many there are. */
    readonly clients: number;
  }
  | {
    /** A request failed; its answer carries the code. */
    readonly kind: "failed";
    /** The client's number. */
    readonly client: number;
    /** What it asked for. */
    readonly command: string;
    /** Why it failed. */
    readonly error: unknown;
  }
  | {
    /** A client went. */
    readonly kind: "disconnected";
    /** Its number. */
    readonly client: number;
    /** Why it was sent away; null when it went by itself. */
    readonly error: unknown;
  };

/** Options of `PcscLiteServer.listen`. */
export interface PcscLiteServerOptions {
  /** Whose readers are offered; best made with {@linkcode PCSC_LITE_SERVER_PROFILE}. The server does not close it. */
  manager: ResourceManager;
  /** Where the socket is made, 107 bytes at most; clients take it from PCSCLITE_CSOCK_NAME. */
  socketPath: string;
  /** Permissions of the socket; default {@linkcode DEFAULT_SOCKET_MODE}, its owner alone. */
  mode?: number;
  /** Clients at a time; more are closed at once. Default 200, as pcscd has it. */
  maxClients?: number;
  /** Milliseconds after which a client that does not read is given up; default {@linkcode DEFAULT_WRITE_TIMEOUT_MS}. */
  writeTimeoutMs?: number;
  /** Hears of what happens; must not throw. */
  onEvent?: (event: ServerEvent) => void;
  /** Clock; default the runtime's. */
  timers?: Timers;
}
