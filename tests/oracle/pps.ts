/**
 * Test oracle: protocol and parameters selection (ISO/IEC 7816-3 clause 9), a plain reading shared with no other code.
 *
 * @module
 */

/** The fields of a PPS message; an absent PPSi is null. */
interface Pps {
  protocol: number;
  pps1: number | null;
  pps2: number | null;
  pps3: number | null;
}

/** Takes a message apart, null if it is not well formed: PPSS, RFU bit, length by the presence bits, PCK. */
function parse(bytes: Uint8Array): Pps | null {
  if (bytes.length < 3) return null;
  if (bytes[0] !== 0xff) return null;
  const pps0 = bytes[1];
  if ((pps0 & 0x80) !== 0) return null;

  let at = 2;
  let pps1: number | null = null;
  let pps2: number | null = null;
  let pps3: number | null = null;
  if ((pps0 & 0x10) !== 0) pps1 = bytes[at++];
  if ((pps0 & 0x20) !== 0) pps2 = bytes[at++];
  if ((pps0 & 0x40) !== 0) pps3 = bytes[at++];
  // PCK is the byte behind them, and the last one.
  if (bytes.length !== at + 1) return null;

  let xor = 0;
  for (const b of bytes) xor ^= b;
  if (xor !== 0) return null;
  return { protocol: pps0 & 0x0f, pps1, pps2, pps3 };
}

/** Whether a PPSi of the response is one the request allows: left out, or the very value that was proposed. */
function allowed(response: number | null, request: number | null): boolean {
  return response === null || response === request;
}

/**
 * Judges the response to a PPS request (clause 9): whether it is accepted, the PPS1 both agreed on (null: 372/1 stay)
 * and whether the SPU of PPS2 was agreed.
 * A request that is not well formed has no acceptable response, since a card stays silent on it.
 */
export function judgePps(
  request: Uint8Array,
  response: Uint8Array,
): { accepted: boolean; pps1: number | null; spuAgreed: boolean } {
  const asked = parse(request);
  const answered = parse(response);
  if (
    asked === null || answered === null ||
    answered.protocol !== asked.protocol ||
    !allowed(answered.pps1, asked.pps1) ||
    !allowed(answered.pps2, asked.pps2) ||
    !allowed(answered.pps3, asked.pps3)
  ) return { accepted: false, pps1: null, spuAgreed: false };
  return {
    accepted: true,
    pps1: answered.pps1,
    spuAgreed: answered.pps2 !== null,
  };
}

/** Builds a PPS request (clause 9) for a protocol 0..15 from the bytes PPS1 to PPS3, null for those to leave out. */
export function ppsRequest(
  protocol: number,
  pps1: number | null,
  pps2: number | null,
  pps3: number | null,
): Uint8Array {
  let pps0 = protocol;
  if (pps1 !== null) pps0 += 0x10;
  if (pps2 !== null) pps0 += 0x20;
  if (pps3 !== null) pps0 += 0x40;
  const message = [0xff, pps0];
  if (pps1 !== null) message.push(pps1);
  if (pps2 !== null) message.push(pps2);
  if (pps3 !== null) message.push(pps3);
  const pck = message.reduce((xor, b) => xor ^ b, 0);
  return Uint8Array.from([...message, pck]);
}
