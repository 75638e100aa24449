/** Keys for tests, as hosts bring them and as Web Crypto takes them. */
import { fromHex, toHex } from "../../../src/bytes.ts";
import { extended } from "./openpgp_run.ts";

/** RFC 6979 A.2.5, with its number used once for SHA-256 of "sample". */
export const P256 = {
  secret: "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
  x: "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
  y: "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
  k: "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
  r: "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
  s: "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
} as const;

/** RFC 8032 7.1, test 2. */
export const ED25519 = {
  secret: "4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB",
  public: "3D4017C3E843895A92B70AA74D1B7EBC9C982CCF2EC4968CC0CD55F12AF4660C",
  message: "72",
  signature:
    "92A009A9F0D4CAB8720E820B5F642540A2B27B5416503F8FB3762223EBDB69DA" +
    "085AC1E43E15996E458F3613D0F11D8C387B2EAEB4302AEEB00D291612BB0C00",
} as const;

/** PUT DATA (odd) that brings a key: the parts by their tags. */
export function importCommand(
  template: string,
  ...parts: [tag: string, value: string][]
): string {
  const headers = parts.map(([tag, value]) => tag + length(value)).join("");
  const values = parts.map(([, value]) => value).join("");
  const list = `${template}00` + object("7F48", headers) +
    object("5F48", values);
  return extended("00DB3FFF", fromHex(object("4D", list)));
}

/** Tag, length and value. */
export function object(tag: string, value: string): string {
  return tag + length(value) + value;
}

function length(value: string): string {
  const bytes = value.length / 2;
  const digits = bytes.toString(16).padStart(bytes > 255 ? 4 : 2, "0");
  return bytes < 128 ? digits : (bytes > 255 ? "82" : "81") + digits;
}

/** An RSA key of Web Crypto with its parts in hexadecimal. */
export interface RsaTestKey {
  readonly verifier: CryptoKey;
  readonly jwk: JsonWebKey;
  readonly e: string;
  readonly p: string;
  readonly q: string;
  readonly n: string;
}

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" } as const;

/** A new RSA key. */
export async function rsaKey(bits: number): Promise<RsaTestKey> {
  const pair = await crypto.subtle.generateKey(
    { ...RSA, modulusLength: bits, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ["sign", "verify"],
  );
  const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const [e, p, q, n] = [jwk.e, jwk.p, jwk.q, jwk.n].map((part) =>
    toHex(Uint8Array.fromBase64(part ?? "", { alphabet: "base64url" }))
  );
  return { verifier: pair.publicKey, jwk, e, p, q, n };
}

/** The public RSA key in GENERATE's answer 7F49 82xxxx 81 82xxxx n 82 03 e. */
export async function rsaPublicKey(answer: Uint8Array): Promise<CryptoKey> {
  const n = answer.slice(9, -5);
  const e = answer.slice(-3);
  const options = { alphabet: "base64url", omitPadding: true } as const;
  const jwk = { kty: "RSA", n: n.toBase64(options), e: e.toBase64(options) };
  return await crypto.subtle.importKey("jwk", jwk, RSA, true, ["verify"]);
}

/** An odd number near `prime`, of as many bytes, that three divides. */
export function oddComposite(prime: string): string {
  const value = BigInt(`0x${prime}`);
  const down = value - value % 3n;
  const odd = down % 2n === 1n ? down : down - 3n;
  return odd.toString(16).padStart(prime.length, "0").toUpperCase();
}

/** A message of up to 100 bytes in a block of PKCS #1 type 2, to the power of 65537. */
export async function rsaEncrypt(
  key: CryptoKey,
  message: Uint8Array,
): Promise<Uint8Array> {
  const { n = "" } = await crypto.subtle.exportKey("jwk", key);
  const bytes = Uint8Array.fromBase64(n, { alphabet: "base64url" });
  const block = new Uint8Array(bytes.length).fill(0xa5);
  block.set([0, 2]);
  block.set([0, ...message], block.length - message.length - 1);
  const [modulus, base] = [bytes, block].map((part) =>
    BigInt(`0x${toHex(part)}`)
  );
  let power = base;
  for (let i = 0; i < 16; i++) power = power * power % modulus;
  const digits = (power * base % modulus).toString(16);
  return fromHex(digits.padStart(2 * bytes.length, "0"));
}

/** SHA-256 of a text. */
export async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** In front of a SHA-256 hash in an RSA signature (RFC 8017 9.2). */
export const DIGEST_INFO_SHA256 = "3031300D060960864801650304020105000420";
