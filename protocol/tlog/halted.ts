/**
 * Why a log goes no further. Each means that what is published and what the object holds are not one log: to go on
 * would be a fork, so nothing is appended until somebody has looked.
 */
export type HaltReason =
  /**
   * The object was rolled back: it holds fewer entries than the published checkpoint, or it knows of no checkpoint, there
   * is none, and the tiles that lie there are not its entries'.
   */
  | "rolled_back"
  /** The published checkpoint is older than the one that this object published, or gone. */
  | "checkpoint_went_back"
  /** The published checkpoint is not signed by this log's key. */
  | "foreign_checkpoint"
  /** What is published is not of these entries. */
  | "forked"
  /** A tile of the published tree is missing or not what its root says. */
  | "tiles_damaged";

export class Halted extends Error {
  readonly reason: HaltReason;
  constructor(reason: HaltReason) {
    super(`the log is halted: ${reason}`);
    this.name = "Halted";
    this.reason = reason;
  }
}
