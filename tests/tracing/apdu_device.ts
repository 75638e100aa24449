/**
 * A reader device without a link, as vpcd's is one: its card takes whole APDUs.
 *
 * @module
 */

import type { ApduCard } from "../../src/cards/mod.ts";
import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  type Irp,
  type ReaderDevice,
  SCARD_IO_REQUEST_LENGTH,
  SCARD_WARM_RESET,
  STATUS_IO_TIMEOUT,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import { traceDevice, type Tracer } from "../../src/tracing/mod.ts";

/** A traced device with `card` in it. Requests are served one by one, and later. */
export function apduDevice(card: ApduCard, tracer: Tracer): ReaderDevice {
  return traceDevice({
    deviceName: "\\Device\\Apdu0",
    async deviceControl(irp) {
      const status = await serve(card, irp);
      return irp.ioStatus.status = status;
    },
  }, tracer);
}

async function serve(card: ApduCard, irp: Irp): Promise<number> {
  const { systemBuffer, ioStatus } = irp;
  switch (irp.ioControlCode) {
    case IOCTL_SMARTCARD_POWER: {
      const { atr } = card;
      if (systemBuffer[0] === SCARD_WARM_RESET) await card.reset();
      else await card.powerOn();
      systemBuffer.set(atr);
      ioStatus.information = atr.length;
      return STATUS_SUCCESS;
    }
    case IOCTL_SMARTCARD_SET_PROTOCOL:
      ioStatus.information = 4;
      return STATUS_SUCCESS;
    case IOCTL_SMARTCARD_TRANSMIT: {
      const command = systemBuffer.slice(
        SCARD_IO_REQUEST_LENGTH,
        irp.inputLength,
      );
      try {
        const response = await card.transmit(command);
        systemBuffer[4] = SCARD_IO_REQUEST_LENGTH;
        systemBuffer.set(response, SCARD_IO_REQUEST_LENGTH);
        ioStatus.information = SCARD_IO_REQUEST_LENGTH + response.length;
        return STATUS_SUCCESS;
      } catch {
        return STATUS_IO_TIMEOUT;
      }
    }
    default:
      return STATUS_NOT_SUPPORTED;
  }
}
