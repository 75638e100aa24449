// The lines of a port, with a system that the test plays: no machine without a serial
// port has any.

import assert from "node:assert/strict";
import type { Libc } from "../../../src/drivers/serial/libc.ts";
import { LinuxSerialPort } from "../../../src/drivers/serial/serial_port_linux.ts";

const CTS = 0x020;
const CD = 0x040;
const RI = 0x080;
const DSR = 0x100;
const ENXIO = 6;

/** A system with one port. */
class PlayedSystem {
  bits = 0;
  /** CTS, DSR, RI, CD; null: the driver does not count. */
  counters: number[] | null = [0, 0, 0, 0];
  isGone = false;
  isClosed = false;
  looks = 0;
  /** Told at each look at the lines. */
  onLook: () => void = () => {};
  readonly calls: string[] = [];

  readonly libc: Libc = {
    symbols: {
      ioctl: (_fd: number, request: bigint, buffer: Int32Array) =>
        this.#ioctl(request, buffer),
      ioctlLater: (_fd: number, request: bigint, buffer: Int32Array) =>
        Promise.resolve().then(() => this.#ioctl(request, buffer)),
      ioctlValue: () => 0,
      write: () => 8n,
      close: () => 0,
    } as unknown as Libc["symbols"],
    errno: () => ENXIO,
    close: () => {
      this.isClosed = true;
    },
  };

  #ioctl(request: bigint, buffer: Int32Array): number {
    if (this.isGone) return -1;
    switch (request) {
      case 0x5415n:
        this.looks++;
        this.onLook();
        buffer[0] = this.bits;
        return 0;
      case 0x545Dn:
        buffer.set(this.counters ?? []);
        return this.counters === null ? -1 : 0;
      default:
        this.calls.push(`${request.toString(16)} ${buffer[0]}`);
        return 0;
    }
  }
}

function played(): [PlayedSystem, LinuxSerialPort] {
  const system = new PlayedSystem();
  return [system, new LinuxSerialPort(system.libc, "/dev/ttyS0", 3, 4, 1)];
}

Deno.test("RTS and DTR are set and cleared, and left alone", async () => {
  const [system, port] = played();
  port.setLines({ rts: true, dtr: false });
  port.setLines({ dtr: true });
  port.setLines({ rts: false, dtr: false });
  port.setLines({});
  // TIOCMBIS and TIOCMBIC; DTR is 2, RTS 4.
  assert.deepEqual(system.calls, ["5416 4", "5417 2", "5416 2", "5417 6"]);
  await port.close();
  assert.equal(system.isClosed, true);
});

Deno.test("each input line has its bit and its counter", async () => {
  const [system, port] = played();
  system.counters = [1, 2, 3, 4];
  const bits = { cts: CTS, dsr: DSR, ri: RI, cd: CD };
  for (const [line, bit] of Object.entries(bits)) {
    system.bits = bit;
    const { changes, ...lines } = port.lineState();
    const off = { cts: false, dsr: false, cd: false, ri: false };
    assert.deepEqual(lines, { ...off, [line]: true });
    assert.deepEqual(changes, { cts: 1, dsr: 2, ri: 3, cd: 4 });
  }
  system.counters = null;
  assert.equal(port.lineState().changes, null);
  await port.close();
});

Deno.test("a change of a line ends the wait, and one there and back does", async () => {
  const [system, port] = played();
  const first = port.lineState();
  system.onLook = () => {
    if (system.looks === 4) system.bits = CTS;
  };
  const second = await port.waitForLineChange(first);
  assert.equal(second.cts, true);
  system.onLook = () => {
    if (system.looks === 8) system.counters = [2, 0, 0, 0];
  };
  const third = await port.waitForLineChange(second);
  assert.equal(third.cts, true);
  assert.equal(third.changes?.cts, 2);
  await port.close();
});

Deno.test("a wait for a change ends by its signal, by close, and by the device's end", async () => {
  const [system, port] = played();
  const seen = port.lineState();
  const controller = new AbortController();
  const cancelled = port.waitForLineChange(seen, { signal: controller.signal });
  controller.abort("enough");
  await assert.rejects(cancelled, (reason) => reason === "enough");
  setTimeout(() => system.isGone = true);
  await assert.rejects(port.waitForLineChange(seen), {
    name: "SerialPortError",
    message:
      'Cannot read the lines of serial port "/dev/ttyS0": ENXIO (no such device)',
  });
  system.isGone = false;
  const closed = port.waitForLineChange(seen);
  await Promise.all([
    port.close(),
    assert.rejects(closed, { name: "SerialPortError", code: "EBADF" }),
  ]);
});
