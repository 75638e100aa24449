/**
 * What one run showed: features, and how often, in buckets as AFL has them.
 *
 * @module
 */

/** How many features a target can tell apart. */
export const FEATURES = 0x1_0000;
/** Buckets of one feature: seen 1, 2, 3, 4-7, 8-15, 16-31, 32-127 times, or more often. */
export const BUCKETS = 8;

const MAX_COUNT = 0xff;
const FIRST_OF_BUCKET = [1, 2, 3, 4, 8, 16, 32, 128];
/** The bucket of every count. */
const BUCKET_OF = Uint8Array.from(
  { length: MAX_COUNT + 1 },
  (_, count) =>
    Math.max(0, FIRST_OF_BUCKET.findLastIndex((first) => first <= count)),
);

/** Counts the features of one run at a time. */
export class Feedback {
  readonly #counts = new Uint8Array(FEATURES);
  readonly #touched = new Uint16Array(FEATURES);
  #touchedLength = 0;

  /** After `settle`: the feature times `BUCKETS` plus the bucket, for every feature shown. */
  readonly keys: Uint32Array = new Uint32Array(FEATURES);

  /** Notes a feature. @throws {RangeError} when it is no integer 0..65535 */
  readonly feature = (id: number): void => {
    if ((id & 0xffff) !== id) {
      throw new RangeError(
        `Cannot note feature ${id}: expected an integer 0 to 65535`,
      );
    }
    const count = this.#counts[id];
    if (count === 0) this.#touched[this.#touchedLength++] = id;
    if (count < MAX_COUNT) this.#counts[id] = count + 1;
  };

  /** Ends a run: returns how many of `keys` it filled, and starts counting anew. */
  settle(): number {
    const length = this.#touchedLength;
    for (let i = 0; i < length; i++) {
      const id = this.#touched[i];
      this.keys[i] = id * BUCKETS + BUCKET_OF[this.#counts[id]];
      this.#counts[id] = 0;
    }
    this.#touchedLength = 0;
    return length;
  }
}
