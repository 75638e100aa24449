/**
 * A second queue in front of the library's gate, with a fault of its own.
 *
 * @module
 */

import { type DriverLibrary, REAL_LIBRARY } from "./library.ts";
import {
  type Irp,
  type SmartcardExtension,
  STATUS_CANCELLED,
} from "../../../src/smclib/mod.ts";

interface Held {
  readonly irp: Irp;
  readonly admit: (status: number | Promise<number>) => void;
}

interface Line {
  isOut: boolean;
  readonly held: Held[];
}

/** Holds requests back while one is out: cancellation reaches them, SmartcardExit does not. */
export class HeldQueue {
  /** The library behind this queue. */
  readonly library: DriverLibrary;
  readonly #next: "first" | "last";
  readonly #lines = new WeakMap<SmartcardExtension, Line>();

  /** Makes a queue that admits the one that came first or last. */
  constructor(next: "first" | "last") {
    this.#next = next;
    this.library = {
      ...REAL_LIBRARY,
      deviceControl: (ext, irp) => this.#control(ext, irp),
    };
  }

  #control(ext: SmartcardExtension, irp: Irp): number | Promise<number> {
    const line = this.#lines.get(ext) ?? { isOut: false, held: [] };
    this.#lines.set(ext, line);
    if (!line.isOut) return this.#serve(ext, line, irp);
    return new Promise((admit) => {
      line.held.push({ irp, admit });
      irp.signal?.addEventListener("abort", () => {
        const place = line.held.findIndex((one) => one.irp === irp);
        if (place < 0) return;
        line.held.splice(place, 1);
        irp.complete(STATUS_CANCELLED);
        admit(STATUS_CANCELLED);
      });
    });
  }

  #serve(
    ext: SmartcardExtension,
    line: Line,
    irp: Irp,
  ): number | Promise<number> {
    const answer = REAL_LIBRARY.deviceControl(ext, irp);
    if (typeof answer === "number") return answer;
    line.isOut = true;
    return answer.finally(() => {
      line.isOut = false;
      while (!line.isOut && line.held.length > 0) {
        const next = this.#next === "first"
          ? line.held.shift()
          : line.held.pop();
        if (next) next.admit(this.#serve(ext, line, next.irp));
      }
    });
  }
}
