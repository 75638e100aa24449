/**
 * Cards that need no card data: by name, some with a file that keeps their state.
 *
 * @module
 */

import {
  type ApduCard,
  apduFace,
  type ContactCard,
  createCard,
  createOpenPgpCard,
  createPivCard,
  MuteCard,
  type ProtocolCard,
} from "../cards/mod.ts";
import { FileCardStore } from "../cards/file_store.ts";
import { CliError } from "./exit_codes.ts";

/** A card that can be put into a reader. */
export interface CardSource {
  /** What it is, in a few words. */
  readonly words: string;
  /** With contacts, for a virtual reader; null: the reader stays empty. */
  contact(): ContactCard | null;
  /** Above its protocol, for vpcd. @throws {CliError} for a card that has no such side */
  apdu(): ApduCard;
}

/** A card with both sides. */
export function protocolCard(card: ProtocolCard, words: string): CardSource {
  const { application, atr } = card;
  return {
    words,
    contact: () => card,
    apdu: () => apduFace(application, { atr }),
  };
}

function refuseApdu(what: string): never {
  throw new CliError(
    "usage",
    `Cannot plug in ${what}: nothing there answers, expected a card that does`,
  );
}

/** Makes a card; `file`: where its state is kept. */
type CardMaker = (file: string | undefined) => CardSource;

/** Any store of a card's state will do for both: it is bytes. */
function store(file: string | undefined): { store?: FileCardStore } {
  return file === undefined ? {} : { store: new FileCardStore(file) };
}

function kept(what: string, file: string | undefined): string {
  return file === undefined ? what : `${what}, kept in ${file}`;
}

const STATELESS: Readonly<Record<string, CardMaker>> = {
  default: () => protocolCard(createCard(), "the default card"),
  mute: () => ({
    words: "a mute card",
    contact: () => new MuteCard(),
    apdu: () => refuseApdu("a mute card"),
  }),
  empty: () => ({
    words: "no card",
    contact: () => null,
    apdu: () => refuseApdu("no card"),
  }),
};

const STATEFUL: Readonly<Record<string, CardMaker>> = {
  openpgp: (file) =>
    protocolCard(
      createOpenPgpCard(store(file)),
      kept("an OpenPGP card", file),
    ),
  piv: (file) =>
    protocolCard(createPivCard(store(file)), kept("a PIV card", file)),
};

/**
 * The card of this name; null when there is none.
 *
 * @param name `default`, `mute`, `empty`, `openpgp`, `piv`; behind the last two `:FILE`
 * @throws {RangeError} when the file holds no such card
 */
export function builtInCard(name: string): CardSource | null {
  if (Object.hasOwn(STATELESS, name)) return STATELESS[name](undefined);
  const [kind, ...path] = name.split(":");
  if (!Object.hasOwn(STATEFUL, kind)) return null;
  const file = path.length === 0 ? undefined : path.join(":");
  if (file === "") {
    throw new CliError(
      "usage",
      `Cannot use the card ${
        JSON.stringify(name)
      }: no file found, expected ${kind}:FILE or ${kind}`,
    );
  }
  return STATEFUL[kind](file);
}
