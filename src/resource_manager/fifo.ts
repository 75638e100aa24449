/**
 * A queue whose members may leave from any place.
 *
 * @module
 */

interface Node<T> {
  readonly value: T;
  before: Node<T> | null;
  after: Node<T> | null;
  queued: boolean;
}

/** First in, first out; joining, leaving and being served cost the same however long the line is. */
export class Fifo<T> {
  #first: Node<T> | null = null;
  #last: Node<T> | null = null;
  #length = 0;

  /** How many are in line. */
  get length(): number {
    return this.#length;
  }

  /**
   * Joins at the end.
   *
   * @returns a function that leaves the line; false when the value was not in it any more
   */
  push(value: T): () => boolean {
    const node: Node<T> = {
      value,
      before: this.#last,
      after: null,
      queued: true,
    };
    if (this.#last === null) this.#first = node;
    else this.#last.after = node;
    this.#last = node;
    this.#length++;
    return () => this.#remove(node);
  }

  /** Takes the first out; undefined when there is none. */
  shift(): T | undefined {
    const node = this.#first;
    if (node === null) return undefined;
    this.#remove(node);
    return node.value;
  }

  #remove(node: Node<T>): boolean {
    if (!node.queued) return false;
    node.queued = false;
    if (node.before === null) this.#first = node.after;
    else node.before.after = node.after;
    if (node.after === null) this.#last = node.before;
    else node.after.before = node.before;
    this.#length--;
    return true;
  }
}
