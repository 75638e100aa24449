/**
 * The PC/SC service of a pcscd that a test has started.
 *
 * @module
 */

import {
  PcscError,
  PcscService,
  type PcscServiceOptions,
} from "../../src/drivers/pcsc/mod.ts";

const SCARD_E_NO_SERVICE = 0x8010001D;
/** pcscd says that it is ready up to 50 ms before its socket is there. */
const SOCKET_MS = 5000;
const RETRY_MS = 10;

/** Opens the service; one that does not listen yet has 5 s to begin. */
export async function openService(
  options: PcscServiceOptions = {},
): Promise<PcscService> {
  const deadline = performance.now() + SOCKET_MS;
  for (;;) {
    try {
      return await PcscService.open(options);
    } catch (error) {
      if (!(error instanceof PcscError)) throw error;
      if (error.code !== SCARD_E_NO_SERVICE) throw error;
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
