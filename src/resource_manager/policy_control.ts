/**
 * Control requests that do what a policy has another rule about.
 *
 * @module
 */

import { readU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_CONFISCATE,
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_IO_REQUEST_LENGTH,
  SCARD_WARM_RESET,
} from "../smclib/mod.ts";
import {
  SCARD_EJECT_CARD,
  SCARD_RESET_CARD,
  SCARD_UNPOWER_CARD,
} from "./constants.ts";
import type { PolicyQuestion } from "./policy.ts";
import {
  attributeInquiry,
  connectInquiry,
  disposeInquiry,
  type Inquiry,
  transmitInquiry,
} from "./policy_inquiry.ts";
import type { ShareMode } from "./sharing.ts";

const ATTEMPT = "control";
const NO_ACCESS = "SCARD_E_NO_ACCESS";

/**
 * What is asked before a control request is sent: first about the request itself, then
 * about what it does.
 *
 * @param shareMode of the connection
 * @param code IOCTL code; whatever is beyond 32 bits is not looked at, for no reader does
 * @param input input bytes, as they will be sent
 */
export function controlInquiries(
  about: PolicyQuestion,
  shareMode: ShareMode,
  code: number,
  input: Uint8Array,
): Inquiry[] {
  const question = { ...about, code: code >>> 0, input };
  const itself: Inquiry = {
    rule: "control",
    attempt: ATTEMPT,
    code: NO_ACCESS,
    ask: (policy) => policy.control!(question),
  };
  const effect = effectOf(about, shareMode, question.code, input);
  // Whatever it does, the connection stands: only this is refused.
  return effect === null ? [itself] : [itself, { ...effect, code: NO_ACCESS }];
}

function effectOf(
  about: PolicyQuestion,
  shareMode: ShareMode,
  code: number,
  input: Uint8Array,
): Inquiry | null {
  const value = input.length < 4 ? 0 : readU32le(input, 0);
  const dispose = (disposition: number) =>
    disposeInquiry({ ...about, disposition, occasion: "control" });
  switch (code) {
    case IOCTL_SMARTCARD_TRANSMIT:
      return transmission(about, value, input);
    case IOCTL_SMARTCARD_POWER:
      return dispose(
        value === SCARD_WARM_RESET ? SCARD_RESET_CARD : SCARD_UNPOWER_CARD,
      );
    case IOCTL_SMARTCARD_EJECT:
    case IOCTL_SMARTCARD_CONFISCATE:
      return dispose(SCARD_EJECT_CARD);
    case IOCTL_SMARTCARD_SET_ATTRIBUTE:
      return attributeInquiry(about, value, input.subarray(4), ATTEMPT);
    case IOCTL_SMARTCARD_SET_PROTOCOL:
      return connectInquiry(
        { ...about, shareMode, protocols: value, exists: true },
        ATTEMPT,
      );
    default:
      return null;
  }
}

/** An APDU behind an SCARD_IO_REQUEST {dwProtocol, cbPciLength}. */
function transmission(
  about: PolicyQuestion,
  protocol: number,
  input: Uint8Array,
): Inquiry {
  const apdu = input.subarray(SCARD_IO_REQUEST_LENGTH);
  const inquiry = transmitInquiry(about, protocol, apdu, ATTEMPT);
  const isPlain = input.length >= SCARD_IO_REQUEST_LENGTH &&
    readU32le(input, 4) === SCARD_IO_REQUEST_LENGTH;
  if (isPlain) return inquiry;
  // Where the APDU begins is the driver's reading: no rule can judge what it does not see.
  return { ...inquiry, ask: () => "the header is not one of 8 bytes" };
}
