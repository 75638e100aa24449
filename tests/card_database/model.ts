/** The smart card database once more, in plain maps: what the real one is compared with. */

/** A card type of the model; ATR and mask are digits, one a byte. */
export interface ModelType {
  name: string;
  atr: string;
  mask: string | null;
  interfaces: string[];
  providers: Map<number, string>;
}

interface ModelReader {
  name: string;
  device: string;
  automatic: boolean;
  /** Keys of groups. */
  groups: Set<string>;
}

const key = (name: string) => name.toLowerCase();
const DEFAULT = "SCard$DefaultReaders";
const EVERYONE = [
  "scard$allreaders",
  "scard$localreaders",
  "scard$systemreaders",
];

/** Methods give the answer, or the name of the code that is to be thrown. */
export class Model {
  readers: ModelReader[] = [];
  types: ModelType[] = [];
  /** Spelling of the groups that are there, by key. */
  spelling = new Map<string, string>();

  introduceReader(name: string, device: string, automatic = false) {
    const of = automatic ? undefined : this.#reader(device);
    if (this.#reader(name)) throw "SCARD_E_DUPLICATE_READER";
    const groups = new Set<string>();
    const target = of?.device ?? device;
    const reader = { name, device: target, automatic, groups };
    this.readers.push(reader);
    this.#join(reader, DEFAULT);
  }

  introduceDevice(name: string, device: string) {
    if (!this.readers.some((reader) => reader.device === device)) {
      const namesake = this.#reader(name);
      if (namesake?.automatic) {
        const old = namesake.device;
        for (const reader of this.readers) {
          if (reader.device === old) reader.device = device;
        }
      } else this.introduceReader(name, device, true);
    }
    return this.readers.filter((reader) => reader.device === device)
      .map((reader) => reader.name);
  }

  forgetReader(name: string) {
    const reader = this.#known(name);
    this.readers.splice(this.readers.indexOf(reader), 1);
    this.#sweep();
  }

  addReaderToGroup(name: string, group: string) {
    const reader = this.#known(name);
    this.#assertAlterable(group);
    this.#join(reader, group);
  }

  removeReaderFromGroup(name: string, group: string) {
    const reader = this.#known(name);
    this.#assertAlterable(group);
    reader.groups.delete(key(group));
    this.#sweep();
  }

  forgetReaderGroup(group: string) {
    this.#assertAlterable(group);
    if (key(group) === key(DEFAULT)) throw "SCARD_E_INVALID_VALUE";
    for (const reader of this.readers) reader.groups.delete(key(group));
    this.#sweep();
  }

  listReaders(groups: string[]) {
    const keys = groups.map(key);
    const all = keys.length === 0 || EVERYONE.some((one) => keys.includes(one));
    const found = this.readers.filter((reader) =>
      all || keys.some((one) => reader.groups.has(one))
    );
    if (found.length === 0) throw "SCARD_E_NO_READERS_AVAILABLE";
    return found.map((reader) => reader.name);
  }

  listReaderGroups() {
    return [...this.spelling.values()]
      .sort((a, b) => key(a) < key(b) ? -1 : 1);
  }

  introduceCardType(type: ModelType) {
    if (this.#type(type.name)) throw "SCARD_E_INVALID_VALUE";
    this.types.push({ ...type, providers: new Map(type.providers) });
  }

  forgetCardType(name: string) {
    this.types.splice(this.types.indexOf(this.#knownType(name)), 1);
  }

  setCardTypeProviderName(name: string, id: number, provider: string) {
    this.#knownType(name).providers.set(id, provider);
  }

  getCardTypeProviderName(name: string, id: number) {
    const provider = this.#knownType(name).providers.get(id);
    if (provider === undefined) throw "SCARD_E_FILE_NOT_FOUND";
    return provider;
  }

  listInterfaces(name: string) {
    return this.#knownType(name).interfaces;
  }

  listCards(atr: string | null, interfaces: string[]) {
    return this.types.filter((type) =>
      (atr === null || fits(atr, type)) &&
      interfaces.every((guid) => type.interfaces.includes(guid))
    ).map((type) => type.name);
  }

  #reader(name: string) {
    return this.readers.find((reader) => key(reader.name) === key(name));
  }

  #known(name: string) {
    const reader = this.#reader(name);
    if (!reader) throw "SCARD_E_UNKNOWN_READER";
    return reader;
  }

  #type(name: string) {
    return this.types.find((type) => key(type.name) === key(name));
  }

  #knownType(name: string) {
    const type = this.#type(name);
    if (!type) throw "SCARD_E_UNKNOWN_CARD";
    return type;
  }

  #assertAlterable(group: string) {
    if (EVERYONE.includes(key(group))) throw "SCARD_E_INVALID_VALUE";
  }

  #join(reader: ModelReader, group: string) {
    reader.groups.add(key(group));
    const written = key(group) === key(DEFAULT) ? DEFAULT : group;
    if (!this.spelling.has(key(group))) this.spelling.set(key(group), written);
  }

  #sweep() {
    for (const group of this.spelling.keys()) {
      if (this.readers.some((reader) => reader.groups.has(group))) continue;
      this.spelling.delete(group);
    }
  }
}

function fits(atr: string, type: ModelType): boolean {
  return atr.length === type.atr.length &&
    [...atr].every((digit, i) =>
      (Number(digit) & Number(type.mask?.[i] ?? 0xFF)) === Number(type.atr[i])
    );
}
