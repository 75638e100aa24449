/**
 * What a deliberately broken driver is made of: the virtual reader, and one change.
 *
 * @module
 */

import type { MaybePromise } from "../../src/bytes.ts";
import {
  type CardLink,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../src/drivers/virtual/mod.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  type ReaderDevice,
  type ReaderFunction,
  SCARD_PROTOCOL_T1,
  type SmartcardExtension,
} from "../../src/smclib/mod.ts";
import type { ReaderUnderTest } from "../../src/testing/mod.ts";
import {
  virtualReaderUnderTest,
  waitingForRequests,
} from "./virtual_reader.ts";

/** A driver that breaks laws. */
export interface BrokenDriver {
  /** What is wrong with it. */
  readonly fault: string;
  /** The laws that it breaks: one, or more where one fault cannot but show twice. */
  readonly breaks: readonly string[];
  /** Makes one with an empty slot. */
  make(): ReaderUnderTest;
}

/** Serves a request; `next` is the virtual reader. */
export type Serve = (
  irp: Irp,
  next: (irp: Irp) => MaybePromise<number>,
) => MaybePromise<number>;

/** A callback of the driver, and the one it stands before. */
export type Callback = (
  ext: SmartcardExtension,
  next: (ext: SmartcardExtension) => MaybePromise<number>,
) => MaybePromise<number>;

/** A virtual reader that `change` breaks; what it returns replaces parts of the reader under test. */
export function broken(
  fault: string,
  breaks: string | readonly string[],
  change: (reader: VirtualReader) => Partial<ReaderUnderTest> | void,
  options?: VirtualReaderOptions,
): BrokenDriver {
  return {
    fault,
    breaks: typeof breaks === "string" ? [breaks] : breaks,
    make() {
      const reader = new VirtualReader(options);
      return waitingForRequests({
        ...virtualReaderUnderTest(reader),
        ...change(reader),
      });
    },
  };
}

/** Breaks a callback. */
export function brokenCallback(
  fault: string,
  breaks: string | readonly string[],
  slot: number,
  callback: Callback,
): BrokenDriver {
  return broken(fault, breaks, ({ extension }) => {
    const next = extension.readerFunction[slot];
    const replacement: ReaderFunction = (ext) =>
      callback(ext, (same) => next?.(same) ?? 0);
    extension.readerFunction[slot] = replacement;
  });
}

/** Breaks what stands before the driver library. */
export function brokenDevice(
  fault: string,
  breaks: string | readonly string[],
  serve: (reader: VirtualReader) => Serve,
): BrokenDriver {
  return broken(fault, breaks, (reader) => {
    const served = serve(reader);
    return {
      device: deviceOf(
        reader,
        (irp) => served(irp, (same) => reader.deviceControl(same)),
      ),
    };
  });
}

/** Breaks the link to the card. */
export function brokenLink(
  fault: string,
  breaks: string | readonly string[],
  change: (link: CardLink) => Partial<CardLink>,
): BrokenDriver {
  return {
    fault,
    breaks: typeof breaks === "string" ? [breaks] : breaks,
    make: () =>
      waitingForRequests(virtualReaderUnderTest(
        new VirtualReader({
          wrapLink: (link) => ({
            reset: (kind) => link.reset(kind),
            powerOff: () => link.powerOff(),
            send: (bytes) => link.send(bytes),
            receive: (...all) => link.receive(...all),
            get available() {
              return link.available;
            },
            ...change(link),
          }),
        }),
      )),
  };
}

/** The device of `reader` with another `deviceControl`. */
export function deviceOf(
  reader: VirtualReader,
  deviceControl: (irp: Irp) => MaybePromise<number>,
): ReaderDevice {
  const { sleep, wake }: ReaderDevice = reader;
  return {
    deviceName: reader.deviceName,
    deviceControl,
    cleanup: () => reader.cleanup(),
    ...sleep === undefined ? {} : { sleep: () => sleep.call(reader) },
    ...wake === undefined ? {} : { wake: () => wake.call(reader) },
  };
}

/** Whether a request waits for insertion or removal. */
export function isTracking({ ioControlCode }: Irp): boolean {
  return ioControlCode === IOCTL_SMARTCARD_IS_PRESENT ||
    ioControlCode === IOCTL_SMARTCARD_IS_ABSENT;
}

/** Whether T=1 is in force. */
export function isT1(ext: SmartcardExtension): boolean {
  return ext.cardCapabilities.protocol.selected === SCARD_PROTOCOL_T1;
}

/** Ends a request oneself. */
export function end(irp: Irp, status: number, information = 0): number {
  irp.complete(status, information);
  return status;
}

/** The same request without its signal, on the same bytes. */
export function withoutSignal(irp: Irp): Irp {
  const { ioControlCode, systemBuffer, inputLength, outputLength } = irp;
  return new Irp({ ioControlCode, systemBuffer, inputLength, outputLength });
}

/** Serves `irp` by a request that cannot be cancelled. */
export function serveWithoutSignal(
  irp: Irp,
  next: (irp: Irp) => MaybePromise<number>,
): MaybePromise<number> {
  const inner = withoutSignal(irp);
  const status = next(inner);
  inner.completion.then((final) =>
    irp.complete(final, inner.ioStatus.information)
  );
  return status instanceof Promise
    ? status.then(() => inner.completion)
    : status;
}
