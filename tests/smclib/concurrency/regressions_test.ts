// What the properties found, each shrunk and named.

import {
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_VENDOR_FIRST,
  SCARD_PROTOCOL_RAW,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
} from "../../../src/smclib/mod.ts";
import { type BenchCommand, BurstCommand } from "./commands.ts";
import { EventCommand, ReleaseCommand } from "./commands_driver.ts";
import { ExitCommand } from "./commands_life.ts";
import { SubmitCommand } from "./commands_request.ts";
import { REAL_LIBRARY } from "./library.ts";
import { play } from "./properties.ts";
import { PLAIN_SCRIPT, type Script } from "./script.ts";
import type { RequestShape } from "./shapes.ts";

const IS_PRESENT: RequestShape = {
  code: IOCTL_SMARTCARD_IS_PRESENT,
  words: [],
  inputBytes: 0,
  capacityBytes: 0,
};

const VENDOR: RequestShape = {
  code: IOCTL_SMARTCARD_VENDOR_FIRST,
  words: [],
  inputBytes: 0,
  capacityBytes: 8,
};

const SET_PROTOCOL: RequestShape = {
  code: IOCTL_SMARTCARD_SET_PROTOCOL,
  words: [SCARD_PROTOCOL_RAW],
  inputBytes: 4,
  capacityBytes: 4,
};

const submit = (shape: RequestShape, script: Partial<Script>) =>
  new SubmitCommand(shape, { ...PLAIN_SCRIPT, ...script }, 0, false);

const event = (event: ConstructorParameters<typeof EventCommand>[0]) =>
  new EventCommand(event);

function found(
  name: string,
  runs: readonly (readonly BenchCommand[])[],
): void {
  Deno.test(name, () => playAll(runs));
}

async function playAll(
  runs: readonly (readonly BenchCommand[])[],
): Promise<void> {
  for (const commands of runs) await play(REAL_LIBRARY, commands);
}

found(
  "a tracking request whose callback has just answered ends at exit",
  [0, 1, 2, 3, 4].map((turns) => [
    event({ do: "card", card: "none" }),
    submit(IS_PRESENT, {
      isAsync: true,
      answer: { kind: "status", status: STATUS_IO_TIMEOUT },
    }),
    new BurstCommand([{ turns, move: new ExitCommand() }]),
  ]),
);

found("nothing of the driver is called after exit during RDF_ATR_PARSE", [[
  event({ do: "card", card: "foreign" }),
  submit(SET_PROTOCOL, { isParseSlow: true }),
  new ExitCommand(),
  new ReleaseCommand(0),
]]);

found("a request that ends during RDF_ATR_PARSE goes no further", [[
  event({ do: "card", card: "foreign" }),
  submit(SET_PROTOCOL, { isParseSlow: true }),
  event({ do: "complete", status: STATUS_NO_MEDIA }),
  new ReleaseCommand(0),
]]);

found(
  "information is a count of bytes, whatever the driver left in it",
  [-1, NaN, 1.5].map((information) => [submit(VENDOR, { information })]),
);
