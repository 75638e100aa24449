/**
 * Drivers that are wrong about their own end.
 *
 * @module
 */

import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import * as lib from "../../src/smclib/mod.ts";
import {
  broken,
  type BrokenDriver,
  deviceOf,
  end,
  isTracking,
} from "./broken_driver.ts";
import { virtualReaderUnderTest } from "./virtual_reader.ts";

/** Turns of promises that a slow callback takes after its work. */
const SLOW_TURNS = 200;

/** Drivers that are wrong about the end of the reader. */
export const brokenEndDrivers: readonly BrokenDriver[] = [
  broken(
    "the end of the reader leaves everything as it is",
    [
      "the end of the reader ends what waits",
      "requests end when the reader goes away",
      "disposal waits for requests under way",
      "a reader that is gone refuses all requests",
    ],
    () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  ),
  broken(
    "the end of the reader leaves tracking waiting",
    "the end of the reader ends what waits",
    (reader) => ({
      [Symbol.asyncDispose]() {
        reader.extension.osData.notificationIrp = null;
        reader[Symbol.dispose]();
        return Promise.resolve();
      },
    }),
  ),
  broken(
    "requests sent while the reader goes fail for no reason",
    "requests end when the reader goes away",
    (reader) => {
      let isGoing = false;
      return {
        device: deviceOf(
          reader,
          (irp) =>
            isGoing
              ? end(irp, lib.STATUS_UNSUCCESSFUL)
              : reader.deviceControl(irp),
        ),
        async [Symbol.asyncDispose]() {
          isGoing = true;
          reader[Symbol.dispose]();
          await null;
          isGoing = false;
        },
      };
    },
  ),
  broken(
    "the end of the reader completes the request under way twice",
    [
      "requests end when the reader goes away",
      "disposal waits for requests under way",
    ],
    (reader) => ({
      [Symbol.asyncDispose]() {
        const { currentIrp } = reader.extension.osData;
        reader[Symbol.dispose]();
        currentIrp?.complete(lib.STATUS_DEVICE_REMOVED);
        return Promise.resolve();
      },
    }),
  ),
  {
    fault: "disposal leaves a callback running",
    breaks: ["disposal waits for requests under way"],
    make() {
      const reader = new VirtualReader();
      const { readerFunction } = reader.extension;
      const transmit = readerFunction[lib.RDF_TRANSMIT];
      readerFunction[lib.RDF_TRANSMIT] = async (ext) => {
        const status = await transmit?.(ext);
        for (let turn = 0; turn < SLOW_TURNS; turn++) await null;
        return status ?? lib.STATUS_UNSUCCESSFUL;
      };
      return virtualReaderUnderTest(reader);
    },
  },
  broken(
    "tracking of a reader that is gone is cancelled",
    "a reader that is gone refuses all requests",
    (reader) => ({
      device: deviceOf(
        reader,
        (irp) =>
          reader.extension.library.phase === "gone" && isTracking(irp)
            ? end(irp, lib.STATUS_CANCELLED)
            : reader.deviceControl(irp),
      ),
    }),
  ),
  broken(
    "disposal while disposal is under way throws",
    "a reader may be disposed of twice",
    (reader) => {
      let isUnderWay = false;
      return {
        async [Symbol.asyncDispose]() {
          if (isUnderWay) throw new Error("the reader is going");
          isUnderWay = true;
          reader[Symbol.dispose]();
          await null;
          isUnderWay = false;
        },
      };
    },
  ),
];
