/** What clients do, good and bad, at random: one act each, from connecting to going. */

import assert from "node:assert/strict";
import * as wire from "../../src/pcsclite/wire/mod.ts";
import { SCARD_CODES } from "../../src/resource_manager/mod.ts";
import { RawClient } from "../pcsclite/raw_client.ts";
import { APDU } from "../pcsclite/server_bench.ts";
import { sampleRequests } from "./requests.ts";

const { COMMANDS } = wire;

/** A random number below `limit`. */
export type Dice = (limit: number) => number;

/** Mulberry32. */
export function dice(seed: number): Dice {
  return (limit) => {
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % limit;
  };
}

/** Codes that a client may meet while others do what they want with reader and card. */
const DOCUMENTED: ReadonlySet<number> = new Set([
  SCARD_CODES.SCARD_S_SUCCESS,
  SCARD_CODES.SCARD_E_CANCELLED,
  SCARD_CODES.SCARD_E_INVALID_VALUE,
  SCARD_CODES.SCARD_E_NO_SMARTCARD,
  SCARD_CODES.SCARD_E_NOT_TRANSACTED,
  SCARD_CODES.SCARD_E_PROTO_MISMATCH,
  SCARD_CODES.SCARD_E_READER_UNAVAILABLE,
  SCARD_CODES.SCARD_E_SHARING_VIOLATION,
  SCARD_CODES.SCARD_E_UNKNOWN_READER,
  SCARD_CODES.SCARD_W_REMOVED_CARD,
  SCARD_CODES.SCARD_W_RESET_CARD,
]);

function documented({ rv }: { rv: number }): boolean {
  assert.ok(DOCUMENTED.has(rv), `undocumented code ${rv.toString(16)}`);
  return rv === 0;
}

interface Stage {
  client: RawClient;
  path: string;
  reader: string;
  roll: Dice;
}

async function card({ client, reader }: Stage, share = 2) {
  const connected = await client.connectCard(reader, share);
  return documented(connected) ? connected.hCard : null;
}

async function begin(client: RawClient, hCard: number): Promise<boolean> {
  for (let times = 0; times < 20; times++) {
    const begun = await client.ask(COMMANDS.BEGIN_TRANSACTION, wire.BEGIN, {
      hCard,
    });
    if (begun.rv !== SCARD_CODES.SCARD_E_SHARING_VIOLATION) {
      return documented(begun);
    }
  }
  return false;
}

const ACTS: readonly ((stage: Stage) => Promise<void>)[] = [
  async function works(stage) {
    const { client, roll } = stage;
    const hCard = await card(stage);
    if (hCard === null) return;
    if (await begin(client, hCard)) {
      const bytes = roll(8) === 0 ? 65_000 : 4 + roll(300);
      for (let i = roll(5); i >= 0; i--) {
        documented(await client.transmit(hCard, new Uint8Array(bytes)));
      }
      const dwDisposition = roll(6) === 0 ? 1 : 0;
      const ending = { hCard, dwDisposition };
      documented(
        await client.ask(COMMANDS.END_TRANSACTION, wire.END, ending),
      );
    }
    const dwDisposition = roll(4);
    const leaving = { hCard, dwDisposition };
    documented(await client.ask(COMMANDS.DISCONNECT, wire.DISCONNECT, leaving));
    const { hContext } = client;
    documented(
      await client.ask(COMMANDS.RELEASE_CONTEXT, wire.RELEASE, { hContext }),
    );
  },
  async function diesInTransaction(stage) {
    const hCard = await card(stage);
    if (hCard !== null) await begin(stage.client, hCard);
  },
  async function diesExclusive(stage) {
    await card(stage, 1);
  },
  async function diesInMessage(stage) {
    const { client, reader, roll } = stage;
    const hCard = await card(stage) ?? 1;
    const { hContext } = client;
    const own = { hCard, hContext, szReader: reader };
    const samples = sampleRequests(4, own);
    const { bytes } = samples[roll(samples.length)];
    await client.send(bytes.subarray(0, 1 + roll(bytes.length - 1)));
  },
  async function diesAsking(stage) {
    const { client, roll } = stage;
    const hCard = await card(stage);
    if (hCard === null) return;
    const samples = sampleRequests(4, { hCard });
    const { bytes } = samples[roll(samples.length)];
    await client.send(bytes);
  },
  async function waits({ client, path }) {
    await client.order(COMMANDS.WAIT_READER_STATE_CHANGE);
    await client.read(2944);
    using other = await RawClient.connect(path);
    const { hContext } = client;
    documented(await other.ask(COMMANDS.CANCEL, wire.CANCEL, { hContext }));
    await client.read(8);
  },
  async function diesWaiting({ client }) {
    await client.order(COMMANDS.WAIT_READER_STATE_CHANGE);
  },
  async function sendsGarbage({ client, roll }) {
    const garbage = Uint8Array.from({ length: 1 + roll(200) }, () => roll(256));
    await client.send(garbage);
  },
  async function usesWhatIsNotItsOwn({ client, roll }) {
    const hCard = roll(0x7FFFFFFF);
    await client.send(sampleRequests(4, { hCard })[6].bytes);
    await client.ended();
  },
  async function talks(stage) {
    const { client } = stage;
    const hCard = await card(stage, 3);
    if (hCard === null) return;
    const asked = { hCard, dwAttrId: 0x7FFF0003, cbAttrLen: 264 };
    documented(await client.ask(COMMANDS.GET_ATTRIB, wire.ATTRIBUTE, asked));
    documented(await client.ask(COMMANDS.STATUS, wire.STATUS, { hCard }));
    documented(await client.transmit(hCard, APDU));
  },
];

/** One client's life. */
export async function mischief(
  path: string,
  readers: readonly string[],
  roll: Dice,
): Promise<void> {
  using client = await RawClient.open(path);
  const reader = readers[roll(readers.length)];
  await ACTS[roll(ACTS.length)]({ client, path, reader, roll });
}
