/**
 * The demo against a card that connects over TCP.
 *
 * @module
 */

import { fromHex, toHex } from "../bytes.ts";
import { parseAtr } from "../core/mod.ts";
import { VpcdReader } from "../drivers/vpcd/mod.ts";
import { ResourceManager } from "../resource_manager/mod.ts";
import { SmartCardResourceManager } from "../smart_card/mod.ts";
import { traceDevice, Tracer } from "../tracing/mod.ts";
import { explainAtr } from "./atr_words.ts";
import { DemoPrinter, hex } from "./demo_print.ts";

/** How long to wait for a card. */
const PATIENCE_MS = 10 * 60_000;

const COMMANDS: readonly (readonly [what: string, command: string])[] = [
  ["SELECT the MF", "00A4000C023F00"],
  ["GET CHALLENGE", "0084000008"],
];

/** Waits on `port` for a card and sends it a few commands. Returns the exit code: 0 if SELECT was answered 9000. */
export async function demoVpcd(
  port: number,
  print: (line: string) => void,
): Promise<number> {
  const out = new DemoPrinter(print);
  await using reader = VpcdReader.listen({ port });
  const manager = new ResourceManager();
  const tracer = new Tracer({ sinks: [out] });
  const { name } = await manager.addReader(traceDevice(reader, tracer));
  const smartCard = new SmartCardResourceManager(manager);
  await using context = await smartCard.establishContext();
  out.title(`Waiting for a card on ${reader.hostname}:${reader.port}`);
  out.say(`For example: vicc --type iso7816 --port ${reader.port}`);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let atr: Uint8Array | undefined;
  for await (const event of context.readerEvents({ signal })) {
    if (event.type !== "card-inserted" || event.reader !== name) continue;
    atr = event.atr;
    break;
  }
  out.title("The card");
  if (atr !== undefined) out.say(explainAtr(parseAtr(atr)).trimEnd());
  const { connection, activeProtocol } = await context.connect(name, "shared", {
    preferredProtocols: ["t0", "t1"],
  });
  out.result(`connected, active protocol ${activeProtocol}`);
  const answers: string[] = [];
  for (const [what, command] of COMMANDS) {
    const bytes = fromHex(command);
    out.app(`transmit(${hex(bytes)})   ${what}`);
    const response = new Uint8Array(await connection.transmit(bytes));
    out.response(response);
    answers.push(toHex(response));
  }
  await connection.disconnect();
  out.title("Done");
  await context.release();
  await manager.close();
  return answers[0] === "9000" ? 0 : 1;
}
