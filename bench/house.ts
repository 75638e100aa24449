/**
 * The whole house in one process: a card in a virtual reader, the
 * resource manager, and the Web Smart Card API; and a way in at every floor.
 *
 * @module
 */

import { fromHex, writeU32le } from "../src/bytes.ts";
import { createCard, DEFAULT_CARD_AID } from "../src/cards/mod.ts";
import {
  type InsertableCard,
  VirtualReader,
  type VirtualReaderOptions,
} from "../src/drivers/virtual/mod.ts";
import {
  type Connection,
  ResourceManager,
} from "../src/resource_manager/mod.ts";
import {
  type SmartCardConnection,
  SmartCardResourceManager,
} from "../src/smart_card/mod.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  Irp,
  type ReaderDevice,
  SCARD_IO_REQUEST_LENGTH,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  STATUS_SUCCESS,
  statusName,
} from "../src/smclib/mod.ts";

/** Bytes that the answer to {@linkcode COMMAND} has, SW1 SW2 included. */
export const ANSWER_BYTES = 34;
/** An answer of that kind, for cards that have one only. */
export const ANSWER: Uint8Array<ArrayBuffer> = new Uint8Array(ANSWER_BYTES)
  .fill(0x5a);
ANSWER.set([0x90, 0x00], ANSWER_BYTES - 2);
/** READ BINARY of 32 bytes, from the file selected before. */
export const COMMAND = fromHex("00B0000020") as Uint8Array<ArrayBuffer>;
/** Commands that select the file read, in hexadecimal. */
export const SELECT = [`00A4040006${DEFAULT_CARD_AID}`, "00A4020C025001"];

/** Either protocol. */
export type Protocol = "t0" | "t1";

/** Value of SCARD_PROTOCOL_*. */
export function protocolBit(protocol: Protocol): number {
  return protocol === "t0" ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
}

/** A card in a reader, and connections to it on two floors. */
export interface House {
  readonly reader: VirtualReader;
  /** Of the resource manager. */
  readonly engine: Connection;
  /** Of the Web Smart Card API. */
  readonly web: SmartCardConnection;
}

/** Puts a card in and connects; on the card with files it selects the one that {@linkcode COMMAND} reads. */
export async function openHouse(
  protocol: Protocol,
  card?: InsertableCard,
  options: VirtualReaderOptions = {},
): Promise<House> {
  const manager = new ResourceManager();
  const reader = new VirtualReader(options);
  reader.insert(card ?? createCard());
  await manager.addReader(reader);
  const context = await new SmartCardResourceManager(manager)
    .establishContext();
  const [name] = await context.listReaders();
  const { connection: web } = await context.connect(name, "shared", {
    preferredProtocols: [protocol],
  });
  const engine = await manager.establishContext().connect(name, {
    shareMode: "shared",
    protocols: protocolBit(protocol),
  });
  if (card === undefined) {
    for (const command of SELECT) await web.transmit(fromHex(command));
  }
  checkAnswer(new Uint8Array(await web.transmit(COMMAND)));
  return { reader, engine, web };
}

/** @throws {Error} when it is not 32 bytes and 9000 */
export function checkAnswer(answer: Uint8Array): void {
  if (answer.length === ANSWER_BYTES && answer[32] === 0x90) return;
  throw new Error(`Cannot measure: the answer has ${answer.length} bytes`);
}

/** Sends {@linkcode COMMAND} as an IOCTL, through one buffer. */
export function ioctlTransmit(
  reader: ReaderDevice,
  protocol: Protocol,
): () => void {
  const buffer = new Uint8Array(1024);
  const bit = protocolBit(protocol);
  return () => {
    writeU32le(buffer, 0, bit);
    writeU32le(buffer, 4, SCARD_IO_REQUEST_LENGTH);
    buffer.set(COMMAND, SCARD_IO_REQUEST_LENGTH);
    const irp = new Irp({
      ioControlCode: IOCTL_SMARTCARD_TRANSMIT,
      systemBuffer: buffer,
      inputLength: SCARD_IO_REQUEST_LENGTH + COMMAND.length,
      outputLength: buffer.length,
    });
    const status = reader.deviceControl(irp);
    if (
      status !== STATUS_SUCCESS ||
      irp.ioStatus.information !== SCARD_IO_REQUEST_LENGTH + ANSWER_BYTES
    ) {
      throw new Error(
        `Cannot measure: the request ended with ${
          typeof status === "number" ? statusName(status) : "a promise"
        }`,
      );
    }
  };
}
