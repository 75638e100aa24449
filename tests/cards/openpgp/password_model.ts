/** What the passwords of an OpenPGP card are, as the specification has it, written apart from the card. */
import { toHex } from "../../../src/bytes.ts";

interface Secret {
  value: string;
  left: number;
}

/** The shortest values, in bytes. */
const SHORTEST = { pw1: 6, pw3: 8, code: 8 } as const;

/** Passwords as hexadecimal text, tries, and what is verified. */
export class PasswordModel {
  secrets: Record<keyof typeof SHORTEST, Secret> = factory();
  verified = new Set<number>();
  isTerminated = false;

  /** VERIFY, with data. */
  verify(p2: number, data: string): number {
    if (this.isTerminated) return 0x6285;
    this.verified.delete(p2);
    const status = this.#try(p2 === 0x83 ? "pw3" : "pw1", data);
    if (status === 0x9000) this.verified.add(p2);
    return status;
  }

  /** CHANGE REFERENCE DATA. */
  change(p2: number, old: string, fresh: string): number {
    if (this.isTerminated) return 0x6285;
    const name = p2 === 0x83 ? "pw3" : "pw1";
    const data = old + fresh;
    const end = this.secrets[name].value.length;
    const status = this.#try(name, data.slice(0, end));
    if (status === 0x9000) return this.#set(name, data.slice(end));
    if (status === 0x6982) this.#forget(name);
    return status;
  }

  /** RESET RETRY COUNTER, P1 = 00 with `code`, 02 without. */
  resetCounter(p1: number, code: string, fresh: string): number {
    if (this.isTerminated) return 0x6285;
    let value = fresh;
    if (p1 === 2) {
      if (!this.verified.has(0x83)) return 0x6982;
    } else {
      const end = this.secrets.code.value.length;
      const data = code + fresh;
      const status = this.#try("code", data.slice(0, end));
      if (status !== 0x9000) return status;
      value = data.slice(end);
    }
    const status = this.#set("pw1", value);
    if (status === 0x9000) this.#forget("pw1");
    return status;
  }

  /** PUT DATA D3. */
  setCode(value: string): number {
    if (this.isTerminated) return 0x6285;
    if (!this.verified.has(0x83)) return 0x6982;
    if (value !== "") return this.#set("code", value, 0x6700);
    this.secrets.code = { value, left: 0 };
    return 0x9000;
  }

  /** TERMINATE DF. */
  terminate(): number {
    if (this.isTerminated) return 0x6285;
    if (this.secrets.pw3.left > 0 && !this.verified.has(0x83)) return 0x6982;
    this.isTerminated = true;
    this.verified.clear();
    return 0x9000;
  }

  /** ACTIVATE FILE. */
  activate(): number {
    if (!this.isTerminated) return 0x9000;
    this.isTerminated = false;
    this.verified.clear();
    this.secrets = factory();
    return 0x9000;
  }

  /** The last three bytes of C4: PW1, resetting code, PW3. */
  get counters(): string {
    const { pw1, code, pw3 } = this.secrets;
    return toHex(Uint8Array.of(pw1.left, code.left, pw3.left));
  }

  /** The answer to VERIFY without data. */
  state(p2: number): number {
    if (this.isTerminated) return 0x6285;
    if (this.verified.has(p2)) return 0x9000;
    const { left } = this.secrets[p2 === 0x83 ? "pw3" : "pw1"];
    return left === 0 ? 0x6983 : 0x63c0 | left;
  }

  #try(name: keyof typeof SHORTEST, data: string): number {
    const secret = this.secrets[name];
    if (secret.left === 0) return 0x6983;
    if (data !== secret.value) {
      secret.left--;
      return 0x6982;
    }
    secret.left = 3;
    return 0x9000;
  }

  #set(name: keyof typeof SHORTEST, value: string, otherwise = 0x6a80): number {
    if (value.length / 2 < SHORTEST[name]) return otherwise;
    this.secrets[name] = { value, left: 3 };
    return 0x9000;
  }

  #forget(name: "pw1" | "pw3"): void {
    for (const p2 of name === "pw1" ? [0x81, 0x82] : [0x83]) {
      this.verified.delete(p2);
    }
  }
}

function factory(): Record<keyof typeof SHORTEST, Secret> {
  return {
    pw1: { value: "313233343536", left: 3 },
    pw3: { value: "3132333435363738", left: 3 },
    code: { value: "", left: 0 },
  };
}
