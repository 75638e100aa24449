/**
 * A service in memory with one reader, opened.
 *
 * @module
 */

import {
  type PcscReader,
  PcscService,
  type PcscServiceOptions,
} from "../../../src/drivers/pcsc/mod.ts";
import {
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_Tx,
} from "../../../src/smclib/mod.ts";
import { power, setProtocol, untilPresent } from "../requests.ts";
import { FakePcsc } from "./fake_library.ts";

/** Name of the one reader. */
export const READER = "Acme Twin [CCID] (0815) 00 01";

/** Service, driver and reader of a test. */
export interface Bench extends AsyncDisposable {
  readonly fake: FakePcsc;
  readonly service: PcscService;
  readonly reader: PcscReader;
}

/** Opens the reader of a service in memory. */
export async function bench(
  options: PcscServiceOptions = {},
  fake: FakePcsc = new FakePcsc(READER),
): Promise<Bench> {
  const service = await PcscService.open({ library: fake, ...options });
  const reader = await service.reader(READER);
  // What follows is of interest, not what opening took.
  fake.calls.length = 0;
  return {
    fake,
    service,
    reader,
    [Symbol.asyncDispose]: () => service.close(),
  };
}

/** The same, with a card that is in a session of T=1. */
export async function sessionBench(
  options: PcscServiceOptions = {},
): Promise<Bench> {
  const made = await bench(options);
  made.fake.insert(READER);
  await untilPresent(made.reader);
  await startSession(made.reader);
  made.fake.calls.length = 0;
  return made;
}

/** Resets the card and selects a protocol. */
export async function startSession(reader: PcscReader): Promise<void> {
  await power(reader, SCARD_COLD_RESET);
  await setProtocol(reader, SCARD_PROTOCOL_Tx);
}
