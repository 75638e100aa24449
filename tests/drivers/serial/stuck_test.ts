// Invariant: a port that takes nothing any more holds up no request, and no close.
import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import { createCard } from "../../../src/cards/mod.ts";
import {
  SerialPortError,
  SerialReader,
} from "../../../src/drivers/serial/mod.ts";
import {
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T1,
  STATUS_DEVICE_REMOVED,
} from "../../../src/smclib/mod.ts";
import { power, setProtocol, transmit } from "../requests.ts";
import { VirtualClock } from "./clocks.ts";
import { SimulatedPhoenix } from "./simulated_phoenix.ts";
import { SimulatedPort } from "./simulated_port.ts";

const SELECT = fromHex("00A4000000");

/** A port whose writes may get stuck until it is closed. */
class StuckPort extends SimulatedPort {
  readonly stuck = Promise.withResolvers<void>();
  isStuck = false;
  readonly #end = Promise.withResolvers<void>();

  override async write(bytes: Uint8Array): Promise<void> {
    if (!this.isStuck) return await super.write(bytes);
    this.stuck.resolve();
    await this.#end.promise;
    throw new SerialPortError("write to", this.path, "EBADF", "closed");
  }

  override close(): Promise<void> {
    this.#end.resolve();
    return super.close();
  }
}

/** A session with a card, and a request that waits for the port. */
async function stuckSession() {
  const clock = new VirtualClock();
  const adaptor = new SimulatedPhoenix({ clock });
  const port = new StuckPort(adaptor);
  adaptor.insert(createCard());
  const reader = await SerialReader.open({ port, timer: clock.timer });
  await power(reader, SCARD_COLD_RESET);
  await setProtocol(reader, SCARD_PROTOCOL_T1);
  port.isStuck = true;
  const request = transmit(reader, SCARD_PROTOCOL_T1, SELECT);
  return { clock, port, reader, request };
}

Deno.test("closing ends a request that waits for the port", async () => {
  const { clock, port, reader, request } = await stuckSession();
  await port.stuck.promise;
  // Time stands: nothing but the close can end the wait.
  const release = clock.hold();
  await reader.close();
  assert.equal((await request).status, STATUS_DEVICE_REMOVED);
  assert.equal(port.isClosed, true);
  release();
});

Deno.test("a port that takes nothing is given up: the reader leaves", async () => {
  const { clock, port, reader, request } = await stuckSession();
  await port.stuck.promise;
  const start = clock.now;
  assert.equal((await request).status, STATUS_DEVICE_REMOVED);
  assert.ok(clock.now - start <= 10_100, `${clock.now - start} ms`);
  await reader.close();
  assert.equal(port.isClosed, true);
});
