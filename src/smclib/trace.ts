/**
 * Devices and callbacks that tell what passes through them.
 *
 * @module
 */

import { chain, type MaybePromise } from "../bytes.ts";
import type { ReaderDevice } from "./device.ts";
import type { SmartcardExtension } from "./extension.ts";
import type { Irp } from "./irp.ts";
import {
  RDF_ATR_PARSE,
  RDF_CARD_CONFISCATE,
  RDF_CARD_EJECT,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_READER_SWALLOW,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
} from "./smclib_constants.ts";
import { STATUS_PENDING } from "./status.ts";

/** A request on its way: `status` is null when it begins, STATUS_PENDING when it waits, else its end. */
export interface DeviceEvent {
  /** The request. Its bytes are those of the moment. */
  irp: Irp;
  /** How far it is. */
  status: number | null;
}

/** Wraps `device`: the same device, and `observe` hears of every request. */
export function traceDevice(
  device: ReaderDevice,
  observe: (event: DeviceEvent) => void,
): ReaderDevice {
  return {
    deviceName: device.deviceName,
    deviceControl(irp: Irp): MaybePromise<number> {
      observe({ irp, status: null });
      return chain(device.deviceControl(irp), (status) => {
        observe({ irp, status });
        if (status === STATUS_PENDING) {
          irp.completion.then((status) => observe({ irp, status }));
        }
        return status;
      });
    },
    cleanup: () => device.cleanup?.(),
  };
}

/** Names of the callback slots. */
const RDF_NAMES: Readonly<Record<number, string>> = {
  [RDF_CARD_POWER]: "RDF_CARD_POWER",
  [RDF_TRANSMIT]: "RDF_TRANSMIT",
  [RDF_CARD_EJECT]: "RDF_CARD_EJECT",
  [RDF_READER_SWALLOW]: "RDF_READER_SWALLOW",
  [RDF_CARD_TRACKING]: "RDF_CARD_TRACKING",
  [RDF_SET_PROTOCOL]: "RDF_SET_PROTOCOL",
  [RDF_CARD_CONFISCATE]: "RDF_CARD_CONFISCATE",
  [RDF_IOCTL_VENDOR]: "RDF_IOCTL_VENDOR",
  [RDF_ATR_PARSE]: "RDF_ATR_PARSE",
};

/** A callback of the driver begins (`status` null) or has returned. */
export interface CallbackEvent {
  /** `RDF_CARD_POWER` and so on. */
  name: string;
  /** What it returned. */
  status: number | null;
}

/** Wraps every callback in `ext.readerFunction`. */
export function traceCallbacks(
  ext: SmartcardExtension,
  observe: (event: CallbackEvent) => void,
): void {
  ext.readerFunction.forEach((callback, slot) => {
    if (callback === null) return;
    const name = RDF_NAMES[slot] ?? `RDF ${slot}`;
    ext.readerFunction[slot] = (ext) => {
      observe({ name, status: null });
      return chain(callback(ext), (status) => {
        observe({ name, status });
        return status;
      });
    };
  });
}
