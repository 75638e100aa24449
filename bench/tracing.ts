/**
 * TRANSMIT to a virtual card with everything traced: device, callbacks and link.
 *
 * @module
 */

import {
  jsonSink,
  pcapngSink,
  textSink,
  traceCallbacks,
  traceDevice,
  traceLink,
  Tracer,
  type TraceSink,
} from "../src/tracing/mod.ts";
import { AnsweringCard } from "./answering_card.ts";
import { type Contender, synchronous } from "./harness.ts";
import { ioctlTransmit, openHouse } from "./house.ts";

/** What goes where nobody looks. */
let written = 0;
const swallow = (text: { length: number }): void => {
  written += text.length;
};

/** Who listens, by what the line of the table says. */
const LISTENERS: Readonly<Record<string, () => TraceSink[]>> = {
  "traced on every floor, nobody listens": () => [],
  "traced on every floor, as text": () => [textSink(swallow)],
  "traced on every floor, as JSON lines": () => [jsonSink(swallow)],
  "traced on every floor, as pcapng": () => [pcapngSink(swallow)],
};

/** A contender for each way to listen. */
export async function tracedContenders(): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [name, sinks] of Object.entries(LISTENERS)) {
    const tracer = new Tracer({ sinks: sinks() });
    const { reader } = await openHouse("t1", new AnsweringCard("t1"), {
      wrapLink: (link) => traceLink(link, tracer, "bench"),
    });
    traceCallbacks(reader.extension, tracer, "bench");
    const device = traceDevice(reader, tracer);
    const before = written;
    const transmit = ioctlTransmit(device, "t1");
    transmit();
    if ((written > before) !== tracer.isActive) {
      throw new Error(`Cannot measure: "${name}" wrote ${written - before}`);
    }
    contenders.push(synchronous(name, transmit));
  }
  return contenders;
}
