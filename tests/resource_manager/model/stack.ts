/**
 * What the properties are played against: the resource manager as it is, or one with a fault.
 *
 * @module
 */

import type {
  Connection,
  Profile,
  Reader,
  ResourceContext,
} from "../../../src/resource_manager/mod.ts";

/** Changes to the manager, made to each of its parts when it comes to be. */
export interface Stack {
  /** Another profile than the one that is expected. */
  profile?(profile: Profile): Profile;
  /** A reader has come. */
  reader?(reader: Reader): void;
  /** A context was established. */
  context?(context: ResourceContext): void;
  /** A connection was made. */
  connection?(connection: Connection): void;
}

/** The resource manager as it is. */
export const REAL_STACK: Stack = {};
