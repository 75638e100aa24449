/**
 * Moves of the remove lock, made by the library and by the model.
 *
 * @module
 */

import {
  type SmartcardExtension,
  STATUS_DELETE_PENDING,
  STATUS_SUCCESS,
  statusName,
} from "../../../src/smclib/mod.ts";
import type { DriverLibrary } from "./library.ts";
import type { Model } from "./model.ts";

/** Takes and gives up the remove lock of one reader. */
export class LockMoves {
  readonly #library: DriverLibrary;
  readonly #ext: SmartcardExtension;
  readonly #model: Model;

  /** Makes the moves of one run. */
  constructor(library: DriverLibrary, ext: SmartcardExtension, model: Model) {
    this.#library = library;
    this.#ext = ext;
    this.#model = model;
  }

  /** A driver's entry point takes the remove lock. */
  acquire(tag: string | null): void {
    const { lock } = this.#model;
    const status = tag === null
      ? this.#library.acquire(this.#ext)
      : this.#library.acquireWithTag(this.#ext, tag);
    const wanted = lock.isRemoved ? STATUS_DELETE_PENDING : STATUS_SUCCESS;
    if (status !== wanted) {
      this.#model.violate(`remove lock: ${statusName(status)}`);
    }
    if (status === STATUS_SUCCESS) lock.holders.push(tag);
  }

  /** A holder leaves the driver; `isMistaken` lets one without a tag name a tag that nobody has. */
  release(index: number, isMistaken = false): void {
    const { holders } = this.#model.lock;
    const [tag] = holders.splice(index % holders.length, 1);
    if (tag === null && !isMistaken) this.#library.release(this.#ext);
    else this.#library.releaseWithTag(this.#ext, tag ?? "nobody");
  }

  /** The remove handler, one of the holders, begins removal. */
  releaseAndWait(index: number): void {
    const model = this.#model;
    const { lock } = model;
    const [tag] = lock.holders.splice(index % lock.holders.length, 1);
    lock.isRemoved = true;
    const promise = tag === null
      ? this.#library.releaseAndWait(this.#ext)
      : this.#library.releaseAndWait(this.#ext, tag);
    promise.then(() => {
      lock.isResolved = true;
      if (lock.holders.length > 0) {
        model.violate(`removal does not wait for ${lock.holders}`);
      }
    }).catch(() => {});
  }
}
