/**
 * Reads pcapng files strictly, written apart from the writer.
 *
 * @module
 */

import assert from "node:assert/strict";

/** A packet with what its interface says. */
export interface PcapngPacket {
  readonly linkType: number;
  readonly interfaceName: string;
  readonly timeDigits: number;
  readonly time: bigint;
  readonly comment: string | null;
  readonly data: Uint8Array;
}

const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Options of a block, which end with an end-of-options where there are any. */
function options(block: Uint8Array, from: number): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  let at = from;
  while (at < block.length) {
    const code = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (code === 0) {
      assert.deepEqual([length, at + 4], [0, block.length]);
      return found;
    }
    found.set(code, block.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  assert.equal(found.size, 0, "no end of options");
  return found;
}

/** The packets of a file whose blocks came one a chunk. */
export function readPcapng(chunks: readonly Uint8Array[]): PcapngPacket[] {
  const interfaces: { linkType: number; name: string; timeDigits: number }[] =
    [];
  const packets: PcapngPacket[] = [];
  chunks.forEach((chunk, index) => {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const type = view.getUint32(0, true);
    assert.equal(chunk.length % 4, 0);
    assert.equal(view.getUint32(4, true), chunk.length);
    assert.equal(view.getUint32(chunk.length - 4, true), chunk.length);
    const body = chunk.subarray(8, -4);
    assert.equal(type === 0x0a0d0d0a, index === 0);
    if (index === 0) {
      assert.equal(view.getUint32(8, true), 0x1a2b3c4d);
      assert.equal(view.getUint32(12, true), 1);
      assert.equal(view.getBigInt64(16, true), -1n);
      options(body, 16);
    } else if (type === 1) {
      const found = options(body, 8);
      interfaces.push({
        linkType: view.getUint16(8, true),
        name: DECODER.decode(found.get(2)),
        timeDigits: found.get(9)?.[0] ?? 6,
      });
    } else {
      assert.equal(type, 6);
      const source = interfaces[view.getUint32(8, true)];
      const length = view.getUint32(20, true);
      assert.equal(view.getUint32(24, true), length);
      const found = options(body, 20 + Math.ceil(length / 4) * 4);
      const comment = found.get(1);
      packets.push({
        linkType: source.linkType,
        interfaceName: source.name,
        timeDigits: source.timeDigits,
        time: BigInt(view.getUint32(12, true)) << 32n |
          BigInt(view.getUint32(16, true)),
        comment: comment === undefined ? null : DECODER.decode(comment),
        data: body.subarray(20, 20 + length),
      });
    }
  });
  return packets;
}
