/**
 * Event code of the driver that ends a request: through the library, or by completing it itself.
 *
 * @module
 */

import type { SmartcardExtension } from "../../../src/smclib/mod.ts";
import type { DriverLibrary } from "./library.ts";
import type { Model } from "./model.ts";
import type { DriverAct } from "./script.ts";
import type { WatchedRequest } from "./watched_request.ts";

/** An act that ends the current or the parked request. */
type EndingAct = Extract<
  DriverAct,
  {
    do:
      | "complete"
      | "completeDirectly"
      | "completeCarelessly"
      | "endTracking"
      | "endTrackingDirectly";
  }
>;

/** Does what `act` says, once the model knows what is meant to end. */
function carryOut(
  library: DriverLibrary,
  ext: SmartcardExtension,
  target: WatchedRequest | null,
  act: EndingAct,
): void {
  const { osData } = ext;
  switch (act.do) {
    case "complete":
      library.completeRequest(ext, act.status);
      return;
    case "endTracking":
      library.completeCardTracking(ext, act.status);
      return;
    case "completeDirectly": {
      const irp = osData.currentIrp;
      osData.currentIrp = null;
      const room = Math.min(act.information, irp?.outputLength ?? 0);
      irp?.complete(act.status, room);
      return;
    }
    case "completeCarelessly":
      target?.complete(act.status);
      return;
    case "endTrackingDirectly": {
      const irp = osData.notificationIrp;
      osData.notificationIrp = null;
      irp?.complete(act.status);
    }
  }
}

/** Event code ends the request that is current or parked, if there is one. */
export function endRequest(
  library: DriverLibrary,
  ext: SmartcardExtension,
  model: Model,
  act: EndingAct,
): void {
  const isOfTracking = act.do === "endTracking" ||
    act.do === "endTrackingDirectly";
  const target = isOfTracking ? model.parked : model.current;
  model.during({
    kind: "event",
    target,
    status: act.status,
    isDirect: act.do !== "complete" && act.do !== "endTracking",
    isCareless: act.do === "completeCarelessly",
  }, () => carryOut(library, ext, target, act));
  // A tracking request that its callback answered is the library's again.
  const isOver = target?.isTracking && target.phase === "answered";
  if (target !== null && target.phase !== "done" && !isOver) {
    model.violate(`${target} is not ended by the driver`);
  }
}
