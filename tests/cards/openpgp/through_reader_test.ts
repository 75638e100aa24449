// Invariant: behind a reader the making of a key takes its time, and the protocol bears it.
import { equal, match } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  ResourceManager,
  SmartCardResourceManager,
  VirtualReader,
} from "../../../mod.ts";
import { createOpenPgpCard } from "../../../src/cards/mod.ts";
import { PW1_SIGN, PW3 } from "./openpgp_run.ts";

for (const protocol of ["t0", "t1"] as const) {
  Deno.test(`a key is made and signs behind a reader, ${protocol}`, async () => {
    using reader = new VirtualReader();
    reader.insert(createOpenPgpCard({ protocols: [protocol] }));
    await using manager = new ResourceManager();
    await manager.addReader(reader);
    const smartCard = new SmartCardResourceManager(manager);
    await using context = await smartCard.establishContext();
    const [name] = await context.listReaders();
    const { connection } = await context.connect(name, "shared", {
      preferredProtocols: [protocol],
    });
    const transmit = async (command: string) =>
      toHex(new Uint8Array(await connection.transmit(fromHex(command))));
    // Under T=0 it is the host that leaves Le out.
    const le = protocol === "t0" ? "" : "00";
    equal(await transmit(`00A4040006 D27600012401 ${le}`), "9000");
    equal(await transmit(PW3), "9000");
    const made = await all(transmit, `0047800002B600${le}`);
    match(made, /^7F49820109.*9000$/);
    equal(await transmit(PW1_SIGN), "9000");
    const signature = await all(transmit, `002A9E9A03 ABCDEF ${le}`);
    equal(signature.length, 2 * 258);
    await connection.disconnect();
  });
}

/** The whole answer, whoever cut it. */
async function all(
  transmit: (command: string) => Promise<string>,
  command: string,
): Promise<string> {
  let answer = await transmit(command);
  for (let pieces = 0; pieces < 8; pieces++) {
    const status = answer.slice(-4);
    if (!status.startsWith("61")) break;
    const rest = await transmit(`00C00000${status.slice(2)}`);
    answer = answer.slice(0, -4) + rest;
  }
  return answer;
}
