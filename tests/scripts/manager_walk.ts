/** A manager whose readers, cards, applications and clock do what chance wants. */

import {
  type Connection,
  PCSC_LITE_PROFILE,
  type Reader,
  type ResourceContext,
  ResourceManager,
  ResourceManagerError,
  type ShareMode,
  WEB_PROFILE,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  type Irp,
  STATUS_DEVICE_BUSY,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import type { Random } from "../fuzz/random.ts";
import {
  FakeReader,
  settle,
  TEST_ATR,
} from "../resource_manager/fake_reader.ts";
import { FakeTimers } from "../resource_manager/fake_timers.ts";

/** A reader that claims success, whatever the card is. */
class LyingReader extends FakeReader {
  readonly lies = new Map<number, Uint8Array[]>();

  lieNext(code: number, output: Uint8Array): void {
    this.lies.set(code, [...this.lies.get(code) ?? [], output]);
  }

  override deviceControl(irp: Irp): number | Promise<number> {
    const lie = this.lies.get(irp.ioControlCode)?.shift();
    if (lie === undefined) return super.deviceControl(irp);
    irp.systemBuffer.set(lie);
    irp.complete(STATUS_SUCCESS, lie.length);
    return STATUS_SUCCESS;
  }
}

const PROFILES = [WEB_PROFILE, WINDOWS_PROFILE, PCSC_LITE_PROFILE];
const MODES: readonly ShareMode[] = [
  "shared",
  "shared",
  "direct",
  "direct",
  "exclusive",
];
const FAILURES = [STATUS_NO_MEDIA, STATUS_DEVICE_BUSY, STATUS_IO_TIMEOUT];
const FALLIBLE = [
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
];
const CALLED_OFF = new Error("called off");

/**
 * Does `steps` things at random, then lets everything go.
 *
 * @throws whatever a call failed with that is no error of the resource manager's
 */
export async function walk(random: Random, steps: number): Promise<void> {
  const timers = new FakeTimers();
  const manager = new ResourceManager({
    profile: PROFILES[random.below(PROFILES.length)],
    timers,
  });
  const oddities: unknown[] = [];
  const attempt = (work: () => unknown) => {
    const failed = (error: unknown) => {
      const expected = error instanceof ResourceManagerError ||
        error === CALLED_OFF;
      if (!expected) oddities.push(error);
    };
    try {
      Promise.resolve(work()).catch(failed);
    } catch (error) {
      failed(error);
    }
  };
  const device = new LyingReader();
  const context = () => manager.establishContext();
  let contexts: ResourceContext[] = [context(), context()];
  let connections: Connection[] = [];
  let reader: Reader | null = null;
  const pick = <T>(from: readonly T[]): T | undefined =>
    from[random.below(Math.max(1, from.length))];
  const withConnection = (work: (connection: Connection) => unknown) => {
    const connection = pick(connections);
    if (connection !== undefined) attempt(() => work(connection));
  };
  const signal = () => {
    const abort = new AbortController();
    if (random.chance(0.3)) {
      settle(random.below(8)).then(() => abort.abort(CALLED_OFF));
    }
    return abort.signal;
  };
  const arrive = () => {
    const options = { name: "Walk", signal: signal() };
    attempt(() => manager.addReader(device, options).then((r) => reader = r));
  };
  const actions: [weight: number, action: () => void][] = [
    [
      2,
      () => device.pace = (["sync", "async", "held"] as const)[random.below(3)],
    ],
    [6, () => device.release(1 + random.below(2))],
    [3, () => device.insert()],
    [3, () => device.remove()],
    [1, () => device.mute = random.chance(0.5)],
    [2, () => device.endTracking(STATUS_IO_TIMEOUT)],
    [2, () => device.failNext(pick(FALLIBLE)!, pick(FAILURES)!)],
    [1, () =>
      device.lieNext(
        IOCTL_SMARTCARD_SET_PROTOCOL,
        Uint8Array.of(random.below(3), 0, 0, 0),
      )],
    [1, () => device.lieNext(IOCTL_SMARTCARD_POWER, TEST_ATR)],
    [4, () => {
      const shareMode = pick(MODES)!;
      const protocols = shareMode === "direct" ? 3 * random.below(2) : 3;
      const options = { shareMode, protocols, signal: signal() };
      attempt(() =>
        pick(contexts)!.connect("Walk", options).then((connection) => {
          connections.push(connection);
        })
      );
    }],
    [3, () => withConnection((c) => c.transmit(Uint8Array.of(0, 0xA4, 0, 0)))],
    [4, () => withConnection((c) => c.beginTransaction({ signal: signal() }))],
    [4, () => withConnection((c) => c.endTransaction(random.below(3)))],
    [
      1,
      () =>
        withConnection((c) =>
          c.disconnect(random.below(3), { signal: signal() })
        ),
    ],
    [1, () => connections = connections.slice(-6)],
    [2, () =>
      withConnection((c) =>
        c.reconnect({
          shareMode: c.shareMode,
          protocols: 3,
          initialization: random.below(3),
          signal: signal(),
        })
      )],
    [
      2,
      () =>
        withConnection((c) =>
          c.control(
            IOCTL_SMARTCARD_POWER,
            Uint8Array.of(random.below(3), 0, 0, 0),
          )
        ),
    ],
    [
      2,
      () =>
        withConnection((c) =>
          c.control(IOCTL_SMARTCARD_SET_PROTOCOL, Uint8Array.of(3, 0, 0, 0))
        ),
    ],
    [2, () => withConnection((c) => c.status())],
    [2, () => timers.advance(3000)],
    [1, () => {
      device.pace = "held";
      timers.advance(6000);
    }],
    [1, () => {
      const leaving = pick(contexts)!;
      attempt(() => leaving.release());
      contexts = contexts.map((c) => c === leaving ? context() : c);
    }],
    [1, () => {
      if (reader === null || random.chance(0.7)) return;
      manager.removeReader(reader);
      reader = null;
      device.pace = "sync";
      device.release();
      arrive();
    }],
  ];
  const total = actions.reduce((sum, [weight]) => sum + weight, 0);
  if (random.chance(0.5)) device.insert();
  arrive();
  await settle(random.below(10));
  for (let step = 0; step < steps; step++) {
    let ticket = random.below(total);
    for (const [weight, action] of actions) {
      ticket -= weight;
      if (ticket >= 0) continue;
      action();
      break;
    }
    await settle(random.chance(0.5) ? random.below(6) : random.below(40));
  }
  device.pace = "sync";
  device.release();
  await manager.close();
  await settle();
  if (oddities.length > 0) throw oddities[0];
}
