/**
 * What ties a reader to the system around it (OS_DEP_DATA): its device, its gate and the requests that are out.
 *
 * @module
 */

import { Gate } from "./gate.ts";
import type { Irp } from "./irp.ts";
import { RemoveLock } from "./remove_lock.ts";
import { STATUS_CANCELLED } from "./status.ts";

/** OS_DEP_DATA. Drivers set `deviceObject` after SmartcardInitialize and keep nothing of their own here. */
export class OsDepData {
  /** `OsData.DeviceObject`: identity of the device, for logging and names. */
  deviceObject: unknown = null;
  /** `OsData.CurrentIrp`: the request whose callback runs or is pending; never a tracking request. */
  currentIrp: Irp | null = null;
  /**
   * `OsData.Mutex`: held while a callback runs.
   *
   * @internal
   */
  readonly mutex: Gate = new Gate();
  /** `OsData.RemoveLock`: counts who is inside the driver. */
  removeLock: RemoveLock = new RemoveLock();
  #notificationIrp: Irp | null = null;

  /** `OsData.NotificationIrp`: the one waiting IS_PRESENT or IS_ABSENT request. Setting it arms or disarms its cancel hook. */
  get notificationIrp(): Irp | null {
    return this.#notificationIrp;
  }
  set notificationIrp(irp: Irp | null) {
    this.#notificationIrp?.signal?.removeEventListener("abort", this.#cancel);
    this.#notificationIrp = irp;
    irp?.signal?.addEventListener("abort", this.#cancel, { once: true });
  }

  readonly #cancel = (): void => {
    const irp = this.#notificationIrp;
    this.#notificationIrp = null;
    irp?.complete(STATUS_CANCELLED);
  };
}
