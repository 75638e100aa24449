/**
 * The scenes of the demo: what the application does, and what happens to its card.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import {
  createCard,
  DEFAULT_CARD_AID,
  DEFAULT_CARD_PIN,
} from "../cards/mod.ts";
import type { VirtualReader } from "../drivers/virtual/mod.ts";
import type {
  SmartCardConnection,
  SmartCardContext,
} from "../smart_card/mod.ts";
import { type DemoPrinter, hex } from "./demo_print.ts";

const PIN = new TextEncoder().encode(DEFAULT_CARD_PIN);

function apdu(header: string, data: Uint8Array = new Uint8Array(0)) {
  const start = fromHex(header);
  return data.length === 0
    ? start
    : Uint8Array.of(...start, data.length, ...data);
}

const APPLICATION_AID = fromHex(DEFAULT_CARD_AID);
const NOTE = new TextEncoder().encode("Written in a transaction.");
/** Number of the block sent in the last scene after which the card is pulled. */
const PULLED_AFTER = 2;

/** The parts of the stage, all of them traced. */
export interface Stage {
  out: DemoPrinter;
  reader: VirtualReader;
  context: SmartCardContext;
  name: string;
  /** Called for each block that the reader sends. */
  onSent: (() => void) | null;
}

async function send(
  { out }: Stage,
  connection: SmartCardConnection,
  what: string,
  command: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  out.app(`transmit(${hex(command)})   ${what}`);
  const response = new Uint8Array(await connection.transmit(command));
  out.response(response);
  return response;
}

async function connect(
  stage: Stage,
  protocol: "t0" | "t1",
): Promise<SmartCardConnection> {
  const { out, context, name } = stage;
  out.app(
    `context.connect("${name}", "shared", { preferredProtocols: ["${protocol}"] })`,
  );
  const { connection, activeProtocol } = await context.connect(name, "shared", {
    preferredProtocols: [protocol],
  });
  out.result(`connected, active protocol ${activeProtocol}`);
  return connection;
}

/** Select, read, verify, update, and read again what is behind the PIN. */
async function transaction(
  stage: Stage,
  connection: SmartCardConnection,
): Promise<void> {
  const { out } = stage;
  out.app("connection.startTransaction(...)");
  await connection.startTransaction(async () => {
    await send(
      stage,
      connection,
      "SELECT the application",
      apdu("00A4040C", APPLICATION_AID),
    );
    await send(
      stage,
      connection,
      "READ BINARY of a free file",
      fromHex("00B0810020"),
    );
    await send(
      stage,
      connection,
      "READ BINARY behind the PIN",
      fromHex("00B0820000"),
    );
    await send(stage, connection, "VERIFY the PIN", apdu("00200001", PIN));
    await send(
      stage,
      connection,
      "UPDATE BINARY behind the PIN",
      apdu("00D68200", NOTE),
    );
    await send(stage, connection, "READ it back", fromHex("00B0820019"));
    return "leave";
  });
  out.result("transaction ended, card left as it is");
}

/** A card with T=1. */
export async function sceneT1(stage: Stage): Promise<void> {
  const { out, reader } = stage;
  out.title("1. A card with T=1");
  out.say(
    "A card is inserted. The waiting request completes, the resource manager resets the card.",
  );
  reader.insert(createCard(undefined, { protocols: ["t1"] }));
  await nextEvent(stage, "card-inserted");
  const connection = await connect(stage, "t1");
  await transaction(stage, connection);
  out.app('connection.disconnect("unpower")');
  await connection.disconnect("unpower");
  reader.remove();
  await nextEvent(stage, "card-removed");
}

/** The same with T=0, where the application follows 61xx and 6Cxx. */
export async function sceneT0(stage: Stage): Promise<void> {
  const { out, reader } = stage;
  out.title("2. The same with a T=0 card");
  out.say(
    "T=0 moves one direction at a time: 61xx and 6Cxx are the application's to follow.",
  );
  reader.insert(createCard(undefined, { protocols: ["t0"] }));
  await nextEvent(stage, "card-inserted");
  const connection = await connect(stage, "t0");
  const selected = await send(
    stage,
    connection,
    "SELECT with an answer",
    apdu("00A40400", APPLICATION_AID),
  );
  const ready = selected.subarray(-2);
  if (ready[0] === 0x61) {
    await send(
      stage,
      connection,
      "GET RESPONSE",
      Uint8Array.of(0x00, 0xc0, 0x00, 0x00, ready[1]),
    );
  }
  const record = await send(
    stage,
    connection,
    "READ RECORD, asking for more than there is",
    fromHex("00B2011CFF"),
  );
  if (record[0] === 0x6c) {
    await send(
      stage,
      connection,
      "READ RECORD with the length that the card names",
      Uint8Array.of(0x00, 0xb2, 0x01, 0x1c, record[1]),
    );
  }
  await transaction(stage, connection);
  await connection.disconnect("unpower");
  reader.remove();
  await nextEvent(stage, "card-removed");
}

/** A card that is pulled while a command is under way. */
export async function scenePulled(stage: Stage): Promise<void> {
  const { out, reader } = stage;
  out.title("3. A card pulled in the middle");
  reader.insert(
    createCard(undefined, { atr: { protocols: [1], ifscBytes: 16 } }),
  );
  await nextEvent(stage, "card-inserted");
  const connection = await connect(stage, "t1");
  await send(
    stage,
    connection,
    "SELECT the application",
    apdu("00A4040C", APPLICATION_AID),
  );
  let blocks = 0;
  stage.onSent = () => {
    if (++blocks !== PULLED_AFTER) return;
    out.say("             !! the card is pulled while the reader sends");
    reader.remove();
  };
  try {
    await send(
      stage,
      connection,
      "UPDATE BINARY in several blocks",
      apdu("00D68100", new Uint8Array(80).fill(0x2a)),
    );
  } catch (error) {
    out.result(describeError(error));
  }
  stage.onSent = null;
  await nextEvent(stage, "card-removed");
  try {
    await connect(stage, "t1");
  } catch (error) {
    out.result(describeError(error));
  }
  out.say("The reader is ready for the next card.");
  reader.insert(createCard());
  await nextEvent(stage, "card-inserted");
  const again = await connect(stage, "t1");
  await send(
    stage,
    again,
    "SELECT the application",
    apdu("00A4040C", APPLICATION_AID),
  );
  await again.disconnect();
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "responseCode" in error ? ` ${error.responseCode}` : "";
  return `${error.name}${code}: ${error.message}`;
}

/** Waits until the context tells of an event of this type. */
async function nextEvent(
  { context, out }: Stage,
  wanted: "card-inserted" | "card-removed",
): Promise<void> {
  const present = wanted === "card-inserted";
  for await (const { type, reader, state } of context.readerEvents()) {
    if (type !== wanted && state.present !== present) continue;
    out.result(`event: ${wanted} in "${reader}"`);
    return;
  }
}
