/**
 * Who of the model is told something without a call of its own.
 *
 * @module
 */

import type { Model, ModelHandle } from "./model.ts";

/** Status requests whose reader is not as believed are answered, ends of contexts that are done, too. */
export function tell(model: Model): void {
  const { flags, card } = model;
  model.watches = model.watches.filter((watch) => {
    const { call, deadline } = watch;
    if (flags === null) model.settle(call, "ok 7 0");
    else if (watch.flags !== flags || watch.count !== card.events) {
      model.settle(call, `ok ${(flags | 2).toString(16)} ${card.events}`);
    } else if (deadline !== null && deadline <= model.now) {
      model.settle(call, "SCARD_E_TIMEOUT");
    } else return true;
    return false;
  });
  model.endings = model.endings.filter((ending) => {
    if (ending.handles.size > 0 && ending.deadline > model.now) return true;
    for (const id of ending.handles) {
      model.close(model.handles.get(id) as ModelHandle);
    }
    model.settle(ending.call, "ok");
    return false;
  });
}
