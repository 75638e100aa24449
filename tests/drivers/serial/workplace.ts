/**
 * A serial reader on a simulated adaptor, in virtual time.
 *
 * @module
 */

import type { ContactCard } from "../../../src/cards/mod.ts";
import {
  SerialReader,
  type SerialReaderOptions,
} from "../../../src/drivers/serial/mod.ts";
import type { ReaderUnderTest } from "../../../src/testing/mod.ts";
import { VirtualClock } from "./clocks.ts";
import {
  SimulatedPhoenix,
  type SimulatedPhoenixOptions,
} from "./simulated_phoenix.ts";
import { SimulatedPort } from "./simulated_port.ts";

/** Reader, port, adaptor and clock. */
export interface Workplace extends AsyncDisposable {
  readonly reader: SerialReader;
  readonly port: SimulatedPort;
  readonly adaptor: SimulatedPhoenix;
  readonly clock: VirtualClock;
}

/** What the workplace is made of. */
export interface WorkplaceOptions {
  readonly card?: ContactCard;
  readonly adaptor?: Omit<SimulatedPhoenixOptions, "clock">;
  readonly reader?: SerialReaderOptions;
}

/** Opens a reader, with a card in it where one is given. */
export async function workplace(
  options: WorkplaceOptions = {},
): Promise<Workplace> {
  const clock = new VirtualClock();
  const adaptor = new SimulatedPhoenix({ ...options.adaptor, clock });
  const port = new SimulatedPort(adaptor);
  if (options.card !== undefined) adaptor.insert(options.card);
  const reader = await SerialReader.open({
    ...options.reader,
    port,
    timer: clock.timer,
  });
  return {
    reader,
    port,
    adaptor,
    clock,
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

/** A workplace as the law book wants it. */
export async function serialReaderUnderTest(
  options: WorkplaceOptions = {},
): Promise<ReaderUnderTest> {
  const place = await workplace(options);
  return {
    device: place.reader,
    insert: ({ contacts }) => place.adaptor.insert(contacts),
    remove: () => place.adaptor.remove(),
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
