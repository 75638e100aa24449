/**
 * What ends a client's connection without an answer (pcscd closes the socket at once).
 *
 * @module
 */

/** The client broke the protocol. */
export class ProtocolViolation extends Error {
  /** Always `ProtocolViolation`. */
  override readonly name = "ProtocolViolation";
}
