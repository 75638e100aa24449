import { equal } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type CardApplication,
  T1Endpoint,
  type T1EndpointOptions,
} from "../../src/cards/mod.ts";
import { withLrc } from "./test_reader.ts";

/** Answers a command with the bytes that `respond` makes of it, and remembers the commands. */
export class ScriptedApplication implements CardApplication {
  readonly commands: string[] = [];
  readonly #responses: string[];

  constructor(...responses: string[]) {
    this.#responses = responses;
  }

  process(command: Uint8Array): Uint8Array {
    this.commands.push(toHex(command));
    return fromHex(this.#responses.shift() ?? "9000");
  }

  reset(): void {}
}

/**
 * Runs a script: `>` a block to the card (LRC is added), `!` the same with a
 * wrong LRC, `<` what the card must answer (LRC is added), `-` silence.
 */
export function runT1Script(
  application: CardApplication,
  options: T1EndpointOptions,
  script: string,
): T1Endpoint {
  let heard: string[] = [];
  const endpoint = new T1Endpoint(
    application,
    (bytes) => heard.push(toHex(bytes)),
    options,
  );
  const lines = script.trim().split("\n").map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const block = withLrc(fromHex(line.slice(1)));
    const where = `line ${index + 1}: ${line}`;
    if (line[0] === "-") {
      equal(heard.join(), "", where);
    } else if (line[0] === "<") {
      equal(heard.join(), toHex(block), where);
      heard = [];
    } else {
      equal(heard.join(), "", where);
      if (line[0] === "!") block[block.length - 1] ^= 0xff;
      equal(endpoint.receive(block), undefined, where);
    }
  }
  equal(heard.join(), "");
  return endpoint;
}
