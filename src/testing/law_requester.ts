/**
 * Requests with a deadline.
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import * as lib from "../smclib/mod.ts";
import type { LawSettings } from "./law.ts";
import { LawJudge, type LawOutcome } from "./law_judge.ts";
import type { ReaderUnderTest } from "./reader_under_test.ts";

/** A request that knows how often somebody ended it. */
export class LawIrp extends lib.Irp {
  /** Calls of `complete`; the second is a programming error (smclib 1.3). */
  completions = 0;

  /** Ends the request, the first time. */
  override complete(status: number, information?: number): boolean {
    this.completions++;
    return super.complete(status, information);
  }
}

/** A request on its way. */
export interface LawRequest {
  /** The request. */
  readonly irp: LawIrp;
  /** What `deviceControl` returned or resolves to. */
  readonly returned: MaybePromise<number>;
  /** Settles when the request has ended; rejects at the deadline. */
  readonly ended: Promise<LawOutcome>;
}

/** Nothing to send. */
const NOTHING = new Uint8Array(0);

/** Sends requests to the device of a run. */
export class LawRequester extends LawJudge {
  /** The driver under test. */
  readonly device: lib.ReaderDevice;

  /** Sends to the device of `reader`. */
  constructor(law: string, settings: LawSettings, reader: ReaderUnderTest) {
    super(law, settings);
    this.device = reader.device;
  }

  /** Sends a request and does not wait for it. */
  start(
    ioControlCode: number,
    input: Uint8Array = NOTHING,
    capacityBytes = 0,
    signal?: AbortSignal,
  ): LawRequest {
    const systemBuffer = new Uint8Array(Math.max(input.length, capacityBytes));
    systemBuffer.set(input);
    const irp = new LawIrp({
      ioControlCode,
      systemBuffer,
      inputLength: input.length,
      outputLength: capacityBytes,
      signal,
    });
    let returned: MaybePromise<number>;
    try {
      returned = this.device.deviceControl(irp);
    } catch (error) {
      this.fail(
        `deviceControl threw ${error} for ${
          lib.ioctlName(ioControlCode)
        }, expected a status`,
        error,
      );
    }
    const ended = this.within(
      this.#end(irp, returned),
      lib.ioctlName(ioControlCode),
    );
    // Whoever starts a request looks at its end later, or never when the law is broken before.
    ended.catch(() => {});
    return { irp, returned, ended };
  }

  async #end(
    irp: lib.Irp,
    returned: MaybePromise<number>,
  ): Promise<LawOutcome> {
    let status: number;
    try {
      status = await returned;
    } catch (error) {
      this.fail(
        `deviceControl rejected with ${error} for ${
          lib.ioctlName(irp.ioControlCode)
        }, expected a status`,
        error,
      );
    }
    if (status === lib.STATUS_PENDING) status = await irp.completion;
    const length = irp.isCompleted ? irp.ioStatus.information : 0;
    return { status, output: irp.systemBuffer.slice(0, length) };
  }

  /** Sends a request and waits for its end. */
  request(
    ioControlCode: number,
    input: Uint8Array = NOTHING,
    capacityBytes = 0,
  ): Promise<LawOutcome> {
    return this.start(ioControlCode, input, capacityBytes).ended;
  }
}
