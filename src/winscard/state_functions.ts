/**
 * What a connection tells of its reader and card: status and attributes.
 *
 * @module
 */

import { answer, type Outcome, type ScardAnswer } from "./answer.ts";
import { checkBytes, checkDword } from "./checks.ts";
import { ERROR_NOT_SUPPORTED } from "./codes.ts";
import {
  checkMaxLength,
  fit,
  isRoom,
  type MaxLength,
  multiStringLength,
  tooSmall,
} from "./lengths.ts";
import type { WinscardState } from "./options.ts";

/** Outputs of SCardState, and the part of SCardStatus about the card. */
export interface StateOutput {
  /** SCARD_ABSENT ... SCARD_SPECIFIC, one value. */
  readonly state: number;
  /** SCARD_PROTOCOL_* bit; meaningful in state SCARD_SPECIFIC. */
  readonly protocol: number;
  /** Answer to reset; empty when there is none or no room. */
  readonly atr: Uint8Array<ArrayBuffer>;
  /** Bytes of it. */
  readonly atrLength: number;
}

/** Outputs of SCardStatus. */
export interface StatusOutput extends StateOutput {
  /** Names of the reader; empty when there is no room. */
  readonly names: string[];
  /** Characters of them as a multi-string. */
  readonly length: number;
}

/** An attribute. */
export interface AttributeOutput {
  /** Its bytes, numbers little-endian; empty when there is no room. */
  readonly attribute: Uint8Array<ArrayBuffer>;
  /** Bytes of it. */
  readonly length: number;
}

/** Functions that tell of reader and card. */
export interface StateFunctions {
  /**
   * Tells names, state, protocol and ATR.
   *
   * @param maxLength room for the names in characters
   * @param maxAtrLength room for the ATR in bytes
   * @returns with `code` SCARD_E_INSUFFICIENT_BUFFER all but what has no room
   */
  SCardStatus(
    hCard: number,
    maxLength?: MaxLength,
    maxAtrLength?: MaxLength,
  ): Promise<ScardAnswer<StatusOutput>>;
  /** Tells the same without names: the older form of SCardStatus. */
  SCardState(
    hCard: number,
    maxAtrLength?: MaxLength,
  ): Promise<ScardAnswer<StateOutput>>;
  /**
   * Reads an attribute.
   *
   * @param attributeId SCARD_ATTR_*
   * @returns `code` ERROR_NOT_SUPPORTED when the reader lacks it
   */
  SCardGetAttrib(
    hCard: number,
    attributeId: number,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<AttributeOutput>>;
  /**
   * Sets an attribute; of those of Windows SCARD_ATTR_SUPRESS_T1_IFS_REQUEST alone.
   *
   * @param value copied
   * @returns `code` ERROR_NOT_SUPPORTED when the reader cannot set it
   */
  SCardSetAttrib(
    hCard: number,
    attributeId: number,
    value: Uint8Array,
  ): Promise<ScardAnswer>;
}

const NOT_SUPPORTED = { SCARD_E_UNSUPPORTED_FEATURE: ERROR_NOT_SUPPORTED };

/** Makes the functions that tell of reader and card. */
export function stateFunctions(state: WinscardState): StateFunctions {
  const { handles, names } = state;

  async function status(
    hCard: unknown,
    maxLength: MaxLength | undefined,
    maxAtrLength: MaxLength | undefined,
  ): Promise<Outcome<StatusOutput>> {
    const attempt = "read the status of a connection";
    const { connection } = handles.card(hCard, attempt);
    const room = checkMaxLength(maxLength, attempt);
    const atrRoom = checkMaxLength(maxAtrLength, attempt);
    const { state, protocol, atr: found } = await connection.status();
    const all = names.of(connection.reader);
    const length = multiStringLength(all);
    const atr = found ?? new Uint8Array(0);
    const told: StatusOutput = {
      names: isRoom(length, room) ? all : [],
      length,
      state,
      protocol,
      atr: isRoom(atr.length, atrRoom) ? atr : new Uint8Array(0),
      atrLength: atr.length,
    };
    for (const [needed, given] of [[length, room], [atr.length, atrRoom]]) {
      if (given === null || isRoom(needed ?? 0, given)) continue;
      return { ...told, ...tooSmall(attempt, needed ?? 0, given) };
    }
    return told;
  }

  return {
    SCardStatus: (hCard, maxLength, maxAtrLength) =>
      answer<StatusOutput>(
        { names: [], length: 0, ...noState() },
        () => status(hCard, maxLength, maxAtrLength),
      ),

    SCardState: (hCard, maxAtrLength) =>
      answer<StateOutput>(noState(), async () => {
        const { names: _, length: __, ...rest } = await status(
          hCard,
          null,
          maxAtrLength,
        );
        return rest;
      }),

    SCardGetAttrib: (hCard, attributeId, maxLength) =>
      answer<AttributeOutput>(
        { attribute: new Uint8Array(0), length: 0 },
        async () => {
          const attempt = "read an attribute";
          const { connection } = handles.card(hCard, attempt);
          const room = checkMaxLength(maxLength, attempt);
          const attribute = await connection.getAttribute(
            checkDword(attributeId, "attribute", attempt),
          );
          const { length } = attribute;
          const none = { attribute: new Uint8Array(0), length };
          return fit({ attribute, length }, none, room, attempt);
        },
        NOT_SUPPORTED,
      ),

    SCardSetAttrib: (hCard, attributeId, value) =>
      answer({}, async () => {
        const attempt = "set an attribute";
        const { connection } = handles.card(hCard, attempt);
        await connection.setAttribute(
          checkDword(attributeId, "attribute", attempt),
          checkBytes(value, "attribute", attempt),
        );
        return {};
      }, NOT_SUPPORTED),
  };
}

function noState(): StateOutput {
  return { state: 0, protocol: 0, atr: new Uint8Array(0), atrLength: 0 };
}
