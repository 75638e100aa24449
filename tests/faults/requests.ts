/** One good request of every kind, to be spoilt. */

import * as wire from "../../src/pcsclite/wire/mod.ts";
import { APDU } from "../pcsclite/server_bench.ts";

const { COMMANDS } = wire;

export interface SampleRequest {
  name: wire.CommandName;
  bytes: Uint8Array<ArrayBuffer>;
}

/** A request for each command of a dialect; the numbers of context and card are whatever the sender has. */
export function sampleRequests(
  minor: number,
  { hContext = 1, hCard = 1, szReader = "none" } = {},
): SampleRequest[] {
  const dialect = wire.dialectOf(4, minor)!;
  const wait = dialect.waitBodyBytes === 0 ? undefined : wire.WAIT.encode();
  const bodies: Partial<
    Record<wire.CommandName, [body?: Uint8Array, payload?: Uint8Array]>
  > = {
    VERSION: [wire.VERSION.encode({ major: 4, minor })],
    ESTABLISH_CONTEXT: [wire.ESTABLISH.encode({ dwScope: 2 })],
    CONNECT: [wire.CONNECT.encode({
      hContext,
      szReader,
      dwShareMode: 2,
      dwPreferredProtocols: 3,
    })],
    RECONNECT: [wire.RECONNECT.encode({
      hCard,
      dwShareMode: 2,
      dwPreferredProtocols: 3,
    })],
    BEGIN_TRANSACTION: [wire.BEGIN.encode({ hCard })],
    END_TRANSACTION: [wire.END.encode({ hCard })],
    TRANSMIT: [
      wire.TRANSMIT.encode({
        hCard,
        ioSendPciProtocol: 2,
        ioSendPciLength: 16,
        cbSendLength: APDU.length,
        pcbRecvLength: 65548,
      }),
      APDU,
    ],
    CONTROL: [
      wire.CONTROL.encode({
        hCard,
        dwControlCode: 0x42000D48,
        cbSendLength: 3,
        cbRecvLength: 256,
      }),
      Uint8Array.of(1, 2, 3),
    ],
    STATUS: [wire.STATUS.encode({ hCard })],
    GET_ATTRIB: [
      wire.ATTRIBUTE.encode({ hCard, dwAttrId: 0x7FFF0003, cbAttrLen: 264 }),
    ],
    SET_ATTRIB: [
      wire.ATTRIBUTE.encode({ hCard, dwAttrId: 0x7FFF0007, cbAttrLen: 4 }),
    ],
    GET_READERS_STATE: [],
    WAIT_READER_STATE_CHANGE: [wait],
    STOP_WAITING_READER_STATE_CHANGE: [wait],
    GET_READER_EVENTS: [],
    GET_READERS_STATE_SIZE: [],
    GET_READERS_STATE_ARRAY: [],
    CANCEL: [wire.CANCEL.encode({ hContext })],
    DISCONNECT: [wire.DISCONNECT.encode({ hCard })],
    RELEASE_CONTEXT: [wire.RELEASE.encode({ hContext })],
  };
  const requests: SampleRequest[] = [];
  for (
    const [name, message] of Object.entries(bodies) as [
      wire.CommandName,
      [Uint8Array?, Uint8Array?],
    ][]
  ) {
    if (wire.bodyBytes(COMMANDS[name], dialect) === null) continue;
    requests.push({
      name,
      bytes: wire.encodeRequest(COMMANDS[name], ...message),
    });
  }
  return requests;
}
