// Invariant: whatever the service answers, cut short, too long, late or for somebody else, a call ends with a code, and nothing hangs.

import assert from "node:assert/strict";
import type {
  PcscLiteConnection,
  PcscLiteContext,
} from "../../src/pcsclite/client/mod.ts";
import {
  ATTRIBUTE,
  BEGIN,
  type Command,
  COMMANDS,
  CONNECT,
  CONTROL,
  DISCONNECT,
  END,
  ESTABLISH,
  RECONNECT,
  STATE_SIZE,
  STATUS,
  TRANSMIT,
  VERSION,
} from "../../src/pcsclite/wire/mod.ts";
import {
  CARD,
  type Peer,
  READER,
  type Reply,
  type Request,
  ScriptedService,
} from "./client_service.ts";
import { HastyTimers } from "./client_timers.ts";

const APDU = Uint8Array.of(0, 0xA4, 0, 0);
const GONE = { name: "SCARD_E_NO_SERVICE" };
const GARBLED = { name: "SCARD_F_COMM_ERROR" };

/** Requests of a connection, and an answer to each. */
const REQUESTS: readonly [
  Command,
  (connection: PcscLiteConnection) => unknown,
  Uint8Array,
][] = [
  [
    COMMANDS.TRANSMIT,
    (connection) => connection.transmit(APDU),
    join(TRANSMIT.encode({ hCard: CARD, pcbRecvLength: 2 }), [0x90, 0]),
  ],
  [
    COMMANDS.CONTROL,
    (connection) => connection.control(1, APDU),
    join(CONTROL.encode({ hCard: CARD, dwBytesReturned: 3 }), [1, 2, 3]),
  ],
  [
    COMMANDS.BEGIN_TRANSACTION,
    (connection) => connection.beginTransaction(),
    BEGIN.encode({ hCard: CARD }),
  ],
  [
    COMMANDS.END_TRANSACTION,
    (connection) => connection.endTransaction(),
    END.encode({ hCard: CARD }),
  ],
  [
    COMMANDS.STATUS,
    (connection) => connection.status(),
    STATUS.encode({ hCard: CARD }),
  ],
  [
    COMMANDS.GET_ATTRIB,
    (connection) => connection.getAttribute(1),
    ATTRIBUTE.encode({ hCard: CARD, cbAttrLen: 4 }),
  ],
  [
    COMMANDS.SET_ATTRIB,
    (connection) => connection.setAttribute(1, APDU),
    ATTRIBUTE.encode({ hCard: CARD }),
  ],
  [
    COMMANDS.RECONNECT,
    (connection) => connection.reconnect({ shareMode: "shared", protocols: 3 }),
    RECONNECT.encode({ hCard: CARD }),
  ],
  [
    COMMANDS.DISCONNECT,
    (connection) => connection.disconnect(),
    DISCONNECT.encode({ hCard: CARD }),
  ],
];

function join(struct: Uint8Array, rest: number[]): Uint8Array {
  return Uint8Array.of(...struct, ...rest);
}

/** Runs `use` with a connection whose service answers `command` with `reply`. */
async function withConnection(
  command: Command,
  reply: (good: Uint8Array, peer: Peer) => Reply,
  use: (
    ask: () => Promise<unknown>,
    context: PcscLiteContext,
    connection: PcscLiteConnection,
    service: ScriptedService,
  ) => Promise<void>,
  timers?: HastyTimers,
): Promise<void> {
  const [, ask, good] = REQUESTS.find(([number]) => number === command)!;
  await using service = new ScriptedService();
  service.script = { [command]: ({ peer }: Request) => reply(good, peer) };
  await using client = await service.connect({ timers });
  await using context = await client.establishContext();
  const connection = await context.connect(READER);
  await use(async () => await ask(connection), context, connection, service);
}

for (const [command, , good] of REQUESTS) {
  const name = Object.entries(COMMANDS).find(([, n]) => n === command)![0];

  Deno.test(`the client reads ${name} as it comes, one byte at a time`, async () => {
    await withConnection(command, async (bytes, peer) => {
      for (const byte of bytes) await peer.send(Uint8Array.of(byte));
      return null;
    }, async (ask) => void await ask());
  });

  Deno.test(`the service goes in the middle of ${name}`, async () => {
    for (const cut of new Set([0, 1, good.length >> 1, good.length - 1])) {
      await withConnection(command, async (bytes, peer) => {
        await peer.send(bytes.subarray(0, cut));
        return "close" as const;
      }, async (ask, context) => {
        await assert.rejects(ask(), GONE);
        await assert.rejects(context.listReaders(), GONE);
        await assert.rejects(context.connect(READER), GONE);
      });
    }
  });

  Deno.test(`${name} is answered with a byte too many`, async () => {
    await withConnection(
      command,
      (bytes) => join(bytes, [7]),
      async (ask, context) => {
        await Promise.allSettled([ask()]);
        await assert.rejects(context.listReaders(), GARBLED);
      },
    );
  });

  Deno.test(`${name} is answered late or in part`, async () => {
    for (const cut of [0, good.length - 1]) {
      const timers = new HastyTimers();
      await withConnection(command, async (bytes, peer) => {
        await peer.send(bytes.subarray(0, cut));
        return null;
      }, async (ask, context, _, service) => {
        const heard = service.hears(command);
        const late = assert.rejects(ask(), GARBLED);
        await heard;
        timers.fire();
        await late;
        assert.throws(() => context.assertOpen("go on"), GARBLED);
      }, timers);
    }
  });

  Deno.test(`${name} is answered for another connection`, async () => {
    await withConnection(command, (bytes) => {
      bytes = bytes.slice();
      bytes[0] ^= 1;
      return bytes;
    }, async (ask) => void await assert.rejects(ask(), GARBLED));
  });
}

Deno.test("answers that announce more than there is room for", async () => {
  const huge = 0xFFFF_FFFF;
  const answers: [Command, Uint8Array][] = [
    [
      COMMANDS.TRANSMIT,
      TRANSMIT.encode({ hCard: CARD, pcbRecvLength: 65_549 }),
    ],
    [COMMANDS.TRANSMIT, TRANSMIT.encode({ hCard: CARD, pcbRecvLength: huge })],
    [COMMANDS.CONTROL, CONTROL.encode({ hCard: CARD, dwBytesReturned: huge })],
    [COMMANDS.GET_ATTRIB, ATTRIBUTE.encode({ hCard: CARD, cbAttrLen: 265 })],
  ];
  for (const [command, bytes] of answers) {
    await withConnection(
      command,
      () => bytes,
      async (ask) => void await assert.rejects(ask(), GARBLED),
    );
  }
});

Deno.test("codes of the service are codes of the resource manager", async () => {
  const codes: [number, string][] = [
    [0x8010_0068, "SCARD_W_RESET_CARD"],
    [0x8010_0069, "SCARD_W_REMOVED_CARD"],
    // The number of another code, and the code of a reader that has left.
    [0x8010_001F, "SCARD_E_UNSUPPORTED_FEATURE"],
    [0x8010_0011, "SCARD_E_READER_UNAVAILABLE"],
    [0x1234, "SCARD_F_UNKNOWN_ERROR"],
  ];
  for (const [rv, name] of codes) {
    for (const [command, , good] of REQUESTS) {
      const struct = good.slice(0, structBytes(command));
      new DataView(struct.buffer).setUint32(struct.length - 4, rv, true);
      await withConnection(
        command,
        () => struct,
        async (ask, context, connection) => {
          await assert.rejects(ask(), { name });
          // Nothing followed, and the next answer is read as what it is.
          assert.deepEqual(await context.listReaders(), [READER]);
          assert.equal(connection.closed, false);
        },
      );
    }
  }
});

function structBytes(command: Command): number {
  if (command === COMMANDS.TRANSMIT) return TRANSMIT.bytes;
  if (command === COMMANDS.CONTROL) return CONTROL.bytes;
  return REQUESTS.find(([number]) => number === command)![2].length;
}

/** A byte less than the state array has. */
const SHORT = new Uint8Array(2943);

Deno.test("a service that is no service", async () => {
  const scripts: [Command, Reply, object][] = [
    [COMMANDS.VERSION, "close", GONE],
    [COMMANDS.VERSION, null, GARBLED],
    [COMMANDS.VERSION, VERSION.encode({ major: 5, minor: 4 }), GARBLED],
    [COMMANDS.VERSION, VERSION.encode({ major: 4, minor: 4, rv: 1 }), {
      name: "SCARD_F_UNKNOWN_ERROR",
    }],
    [COMMANDS.ESTABLISH_CONTEXT, "close", GONE],
    [COMMANDS.ESTABLISH_CONTEXT, null, GARBLED],
    [COMMANDS.ESTABLISH_CONTEXT, ESTABLISH.encode({ rv: 0x8010_0006 }), {
      name: "SCARD_E_NO_MEMORY",
    }],
    [COMMANDS.WAIT_READER_STATE_CHANGE, "close", GONE],
    [COMMANDS.WAIT_READER_STATE_CHANGE, SHORT, GARBLED],
  ];
  for (const [command, reply, error] of scripts) {
    await using service = new ScriptedService({ [command]: () => reply });
    const timers = new HastyTimers();
    const heard = service.hears(command);
    const connecting = assert.rejects(service.connect({ timers }), error);
    if (reply === null || reply === SHORT) {
      await heard;
      timers.fire();
    }
    await connecting;
  }
});

Deno.test("sizes of the state array that cannot be", async () => {
  for (const readers of [-1, 4097, 0x7FFF_FFFF]) {
    await using service = new ScriptedService({
      [COMMANDS.GET_READERS_STATE_SIZE]: () => STATE_SIZE.encode({ readers }),
    }, 6);
    await assert.rejects(service.connect(), GARBLED);
  }
});

Deno.test("a connection that the service grants for a call that was given up is given back", async () => {
  const granted = Promise.withResolvers<void>();
  const returned = Promise.withResolvers<number>();
  await using service = new ScriptedService({
    [COMMANDS.CONNECT]: async ({ body }) => {
      await granted.promise;
      return CONNECT.encode({ ...CONNECT.decode(body), hCard: CARD });
    },
    [COMMANDS.DISCONNECT]: ({ body }) => {
      returned.resolve(DISCONNECT.decode(body).hCard);
      return body;
    },
  });
  await using client = await service.connect();
  await using context = await client.establishContext();
  const off = new AbortController();
  const connecting = context.connect(READER, { signal: off.signal });
  off.abort("enough");
  await assert.rejects(connecting, (reason) => reason === "enough");
  granted.resolve();
  assert.equal(await returned.promise, CARD);
  assert.equal(context.connections.size, 0);
});
