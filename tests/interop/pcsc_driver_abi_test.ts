// Invariant: a library with numbers of 32 bits and packed structures, as macOS has, is served as well.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { PCSC_MACOS } from "../../src/drivers/pcsc/library_abi.ts";
import { FfiLibrary } from "../../src/drivers/pcsc/library_ffi.ts";

/** Functions with macOS' types: each answers with what it was told, so that a wrong width shows. */
const SOURCE = `
#include <stdint.h>
#include <string.h>
#define API __attribute__((visibility("default"))) int32_t
#pragma pack(push, 1)
typedef struct {
  const char *reader; void *user; uint32_t current, event, atr_length;
  unsigned char atr[33];
} State;
typedef struct { uint32_t protocol, length; } Header;
#pragma pack(pop)
API SCardEstablishContext(uint32_t scope, void *a, void *b, int32_t *context) {
  *context = scope == 2 && !a && !b ? -5 : 0;
  return 0;
}
API SCardReleaseContext(int32_t context) { return context == -5 ? 0 : 0x80100003; }
API SCardIsValidContext(int32_t context) { return context == -5 ? 0 : 0x80100003; }
API SCardCancel(int32_t context) { return context == -5 ? 0 : 0x80100003; }
API SCardListReaders(int32_t context, void *groups, char *text, uint32_t *length) {
  if (*length < 9000) { *length = 9000; return 0x80100008; }
  memcpy(text, "One\\0Two\\0", 9);
  *length = 9;
  return 0;
}
API SCardGetStatusChange(int32_t context, uint32_t ms, State *states, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    states[i].event = states[i].current + strlen(states[i].reader);
    states[i].atr_length = 2;
    states[i].atr[0] = 0x3B;
    states[i].atr[1] = (unsigned char) i;
  }
  return ms == 700 && count == 2 ? 0 : 0x80100004;
}
API SCardConnect(int32_t context, const char *reader, uint32_t share,
                 uint32_t protocols, int32_t *card, uint32_t *active) {
  *card = -6;
  *active = protocols - 1;
  return strcmp(reader, "One") || share != 2 ? 0x80100009 : 0;
}
API SCardReconnect(int32_t card, uint32_t share, uint32_t protocols,
                   uint32_t initialization, uint32_t *active) {
  *active = card == -6 ? share + protocols + initialization : 0;
  return 0;
}
API SCardDisconnect(int32_t card, uint32_t disposition) { return card + disposition; }
API SCardStatus(int32_t card, char *name, uint32_t *name_length, uint32_t *state,
                uint32_t *protocol, unsigned char *atr, uint32_t *atr_length) {
  if (*name_length < 4 || *atr_length < 2) return 0x80100008;
  memcpy(name, "One", 4);
  *name_length = 4;
  *state = 0x34;
  *protocol = 2;
  memcpy(atr, "\\x3B\\x00", 2);
  *atr_length = 2;
  return 0;
}
API SCardTransmit(int32_t card, const Header *send, const unsigned char *command,
                  uint32_t length, Header *reply_header, unsigned char *reply,
                  uint32_t *reply_length) {
  if (send->length != sizeof(Header) || reply_header) return 0x80100004;
  memcpy(reply, command, length);
  reply[length] = (unsigned char) send->protocol;
  *reply_length = length + 1;
  return 0;
}
API SCardControl132(int32_t card, uint32_t code, const void *in, uint32_t in_length,
                    void *out, uint32_t out_length, uint32_t *length) {
  memcpy(out, &code, 4);
  *length = 4 + in_length;
  return in_length == 0 && in ? 0x80100004 : 0;
}
API SCardGetAttrib(int32_t card, uint32_t id, unsigned char *value, uint32_t *length) {
  *length = id == 7 ? 3 : 0;
  memcpy(value, "abc", 3);
  return 0;
}
API SCardSetAttrib(int32_t card, uint32_t id, const unsigned char *value, uint32_t length) {
  return (int32_t) (0x80100000 + id + length + value[0]);
}
`;
const COMPILER = "cc";
const COMPILE_MS = 30_000;

/** Compiles {@linkcode SOURCE} into `path`; null when there is no compiler. */
async function compile(path: string): Promise<true | null> {
  try {
    const child = new Deno.Command(COMPILER, {
      args: ["-shared", "-fPIC", "-x", "c", "-o", path, "-"],
      stdin: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(COMPILE_MS),
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(SOURCE));
    await writer.close();
    const { success, stderr } = await child.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

const folder = Deno.makeTempDirSync({ prefix: "pcsc-abi-" });
const path = `${folder}/pcsc.so`;
const isThere = await compile(path);
const isRequired = Deno.env.get("SMARTCARD_REQUIRE_PROGRAMS") === "1";
if (isThere === null && !isRequired) {
  console.warn(`skipped: ${COMPILER}: not installed; try: apt-get install gcc`);
}

Deno.test({
  name: "32-bit numbers and packed structures reach the library and come back",
  ignore: isThere === null && !isRequired,
  fn: async () => {
    assert.ok(isThere, `${COMPILER} is missing`);
    const library = new FfiLibrary(PCSC_MACOS, path);
    const { context } = await library.SCardEstablishContext(2);
    assert.equal(context, -5n);
    assert.equal(await library.SCardIsValidContext(context), 0);
    assert.equal(await library.SCardIsValidContext(1n), 0x80100003);
    assert.equal(await library.SCardCancel(context), 0);
    // The first guess was too short.
    assert.deepEqual(await library.SCardListReaders(context), {
      code: 0,
      readers: ["One", "Two"],
    });
    const states = ["One", "Three"].map((reader) => ({
      reader,
      currentState: 0x80000000,
      eventState: 0,
      atr: new Uint8Array(0),
    }));
    assert.equal(await library.SCardGetStatusChange(context, 700, states), 0);
    assert.deepEqual(
      states.map(({ eventState, atr }) => [eventState, toHex(atr)]),
      [[0x80000003, "3B00"], [0x80000005, "3B01"]],
    );
    const { code, card, protocol } = await library.SCardConnect(
      context,
      "One",
      2,
      3,
    );
    assert.deepEqual([code, card, protocol], [0, -6n, 2]);
    const again = await library.SCardReconnect(card, 2, 3, 1);
    assert.equal(again.protocol, 6);
    const status = await library.SCardStatus(card);
    assert.deepEqual(
      [status.reader, status.state, status.protocol, toHex(status.atr)],
      ["One", 0x34, 2, "3B00"],
    );
    const reply = new Uint8Array(16);
    const sent = await library.SCardTransmit(
      card,
      2,
      fromHex("00A40000"),
      reply,
    );
    assert.equal(toHex(reply.subarray(0, sent.length)), "00A4000002");
    const output = new Uint8Array(8);
    const told = await library.SCardControl(
      card,
      0x42000D48,
      new Uint8Array(0),
      output,
    );
    assert.equal(toHex(output.subarray(0, told.length)), "480D0042");
    const { value } = await library.SCardGetAttrib(card, 7);
    assert.equal(new TextDecoder().decode(value), "abc");
    assert.equal(
      await library.SCardSetAttrib(card, 1, fromHex("0203")),
      0x80100005,
    );
    assert.equal(await library.SCardDisconnect(card, 8), 2);
    const released = library.SCardReleaseContext(context);
    // Unloaded behind the call that is under way.
    library.close();
    assert.equal(await released, 0);
    await assert.rejects(() => library.SCardReleaseContext(context), {
      message:
        "Cannot call SCardReleaseContext: the PC/SC library is closed, expected an open one",
    });
  },
});

Deno.test({
  name: "a context can be released when its library is closed already",
  ignore: isThere === null && !isRequired,
  fn: async () => {
    const library = new FfiLibrary(PCSC_MACOS, path);
    const { context } = await library.SCardEstablishContext(2);
    library.close();
    await assert.rejects(() => library.SCardIsValidContext(context), TypeError);
    assert.equal(await library.SCardReleaseContext(context), 0);
    await assert.rejects(() => library.SCardReleaseContext(context), TypeError);
  },
});

addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
