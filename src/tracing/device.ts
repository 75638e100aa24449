/**
 * A device that tells what passes through it.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import {
  ioctlName,
  type Irp,
  type ReaderDevice,
  STATUS_PENDING,
} from "../smclib/mod.ts";
import type { CallDetail } from "./events.ts";
import { type OpenRequest, RequestObserver } from "./request_trace.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Wraps `device`: the same device, and `tracer` hears of every request. A request
 * that was under way when the tracer got its first sink is not told of.
 *
 * @param reader name of the reader in the events; default: the device's
 */
export function traceDevice(
  device: ReaderDevice,
  tracer: Tracer,
  reader: string = device.deviceName,
): ReaderDevice {
  const observer = new RequestObserver(tracer, reader, "device");
  const traced: ReaderDevice = {
    get deviceName() {
      return device.deviceName;
    },
    deviceControl(irp: Irp): MaybePromise<number> {
      if (!tracer.isActive) return device.deviceControl(irp);
      return control(device, irp, observer);
    },
  };
  const { cleanup, sleep, wake } = device;
  if (cleanup !== undefined) {
    traced.cleanup = () => {
      tell(tracer, reader, "cleanup", () => cleanup.call(device));
    };
  }
  if (sleep !== undefined) {
    traced.sleep = () =>
      tell(tracer, reader, "sleep", () => sleep.call(device));
  }
  if (wake !== undefined) {
    traced.wake = () => tell(tracer, reader, "wake", () => wake.call(device));
  }
  return traced;
}

function control(
  device: ReaderDevice,
  irp: Irp,
  observer: RequestObserver,
): MaybePromise<number> {
  const input = irp.systemBuffer.subarray(0, irp.inputLength);
  const code = irp.ioControlCode;
  const request = observer.begin(ioctlName(code), code, input);
  const ended = (status: number): number => {
    if (status === STATUS_PENDING) {
      observer.pending(request);
      irp.completion.then((status) => end(observer, request, irp, status));
    } else end(observer, request, irp, status);
    return status;
  };
  const failed = (error: unknown): never => {
    observer.failed(request, error);
    throw error;
  };
  let outcome: MaybePromise<number>;
  try {
    outcome = device.deviceControl(irp);
  } catch (error) {
    return failed(error);
  }
  return outcome instanceof Promise
    ? outcome.then(ended, failed)
    : ended(outcome);
}

function end(
  observer: RequestObserver,
  request: OpenRequest,
  irp: Irp,
  status: number,
): void {
  const { information } = irp.ioStatus;
  observer.end(request, status, irp.systemBuffer.subarray(0, information));
}

function tell(
  tracer: Tracer,
  reader: string,
  name: CallDetail["name"],
  call: () => MaybePromise<void>,
): MaybePromise<void> {
  if (!tracer.isActive) return call();
  const emit = (begin: number | null, kind: CallDetail["kind"]): number =>
    tracer.emit(reader, "device", begin, { kind, name });
  const begin = emit(null, "call");
  const failed = (error: unknown): never => {
    const message = String(error);
    tracer.emit(reader, "device", begin, { kind: "failure", name, message });
    throw error;
  };
  const returned = () => {
    emit(begin, "return");
  };
  let outcome: MaybePromise<void>;
  try {
    outcome = call();
  } catch (error) {
    return failed(error);
  }
  return outcome instanceof Promise
    ? outcome.then(returned, failed)
    : returned();
}
