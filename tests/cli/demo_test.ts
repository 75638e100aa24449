import assert from "node:assert/strict";
import { demo } from "../../src/cli/demo.ts";
import { runCli } from "./command.ts";

Deno.test("the demo shows every floor, both protocols and a pulled card", async () => {
  const lines: string[] = [];
  await demo((line) => lines.push(line));
  const text = lines.join("\n");
  for (
    const part of [
      /application {2}context\.connect/,
      / {2}ioctl {8}IOCTL_SMARTCARD_TRANSMIT 00 A4/,
      / {4}driver {7}RDF_TRANSMIT = STATUS_SUCCESS/,
      / {6}wire -> 00 C1 01 FE 3E +S\(IFS request 254\)/,
      / {6}wire -> FF 1[01] .. .. +PPS: T=1/,
      /active protocol t1/,
      /active protocol t0/,
      /wire <- 61 .. .*bytes are ready/,
      /wire <- 6C .. .*ask for/,
      /= 69 82 {3}SW 6982: refused/,
      /RDF_TRANSMIT = STATUS_NO_MEDIA/,
      /SmartCardError removed-card/,
      /SmartCardError no-smartcard/,
    ]
  ) assert.match(text, part);
});

Deno.test("the demo's options are checked", async () => {
  for (
    const args of [["--vpcd", "99999"], ["--vpcd", "x"], ["--what"], ["x"]]
  ) {
    const { code, stderr } = await runCli("demo.ts", args);
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, /Usage/);
  }
});
