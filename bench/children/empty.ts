/**
 * Nothing: what a process costs before it does anything.
 *
 * @module
 */

export {};
