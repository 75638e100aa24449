/**
 * How a card service sends commands.
 *
 * @module
 */

import {
  type CardCapabilities,
  cardCapabilities,
} from "./card_capabilities.ts";
import { MAX_SHORT_NC, MAX_SHORT_NE } from "./command_apdu.ts";
import { withCommandChaining } from "./command_chaining.ts";
import { type GetResponseOptions, withGetResponse } from "./get_response.ts";
import { withLeCorrection } from "./le_correction.ts";
import type { Send } from "./sender.ts";
import { withT0Commands } from "./t0_commands.ts";

/** What happens to commands on their way; all of it can be switched off. */
export interface ServiceOptions {
  /** 61xx is followed; default true. */
  readonly getResponse?: boolean | GetResponseOptions;
  /** 6Cxx is followed; default true. */
  readonly leCorrection?: boolean;
  /** Commands are made to fit T=0 where that is the protocol; default true. */
  readonly t0Commands?: boolean;
  /** Long data go in chained commands; default: where the ATR says that the card knows chaining and not extended length. */
  readonly chaining?: boolean;
  /** Files are read and written by commands of extended length; default: where the ATR says so and the protocol is not T=0. */
  readonly extended?: boolean;
  /** Most data bytes of a command that writes a file, or of a chained one; default 255, extended 4096. */
  readonly maxCommandDataBytes?: number;
  /** Most bytes asked for by a command that reads a file; default 256, extended 4096. */
  readonly maxResponseDataBytes?: number;
}

/** Protocol of a connection, as far as commands care. */
export type ServiceProtocol = "t0" | "t1" | "raw";

/** Bytes of one command of extended length: many cards have buffers hardly larger. */
const EXTENDED_CHUNK_BYTES = 4096;

/** Sizes of commands that read and write files. */
export interface ChunkSizes {
  /** Most data bytes of a command. */
  readonly commandBytes: number;
  /** Most bytes asked for. */
  readonly responseBytes: number;
}

/** What was chosen for one card. */
export interface ServiceSetup {
  /** Sends through all that was asked for. */
  readonly send: Send;
  /** Sizes of commands on files. */
  readonly chunks: ChunkSizes;
  /** What the ATR says. */
  readonly capabilities: CardCapabilities;
}

/**
 * Puts a sender together: chaining around GET RESPONSE around T=0 around Le correction
 * around `bottom`.
 */
export function setUpService(
  bottom: Send,
  atr: Uint8Array,
  protocol: ServiceProtocol,
  options: ServiceOptions,
): ServiceSetup {
  const capabilities = cardCapabilities(atr);
  const isT0 = protocol === "t0";
  const extended = options.extended ?? (capabilities.extended && !isT0);
  const {
    getResponse = true,
    leCorrection = true,
    t0Commands = true,
    chaining = capabilities.chaining && !extended,
    maxCommandDataBytes = extended ? EXTENDED_CHUNK_BYTES : MAX_SHORT_NC,
    maxResponseDataBytes = extended ? EXTENDED_CHUNK_BYTES : MAX_SHORT_NE,
  } = options;
  let send = bottom;
  if (leCorrection) send = withLeCorrection(send);
  if (t0Commands && isT0) send = withT0Commands(send);
  if (getResponse !== false) {
    send = withGetResponse(send, getResponse === true ? {} : getResponse);
  }
  if (chaining) send = withCommandChaining(send, maxCommandDataBytes);
  return {
    send,
    chunks: {
      commandBytes: maxCommandDataBytes,
      responseBytes: maxResponseDataBytes,
    },
    capabilities,
  };
}
