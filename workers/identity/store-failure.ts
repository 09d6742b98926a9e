import { DrizzleQueryError } from "drizzle-orm";
import { fail } from "../../protocol/result.ts";

/** A database or bucket that did not answer, or a sealed value that does not open: nothing can be shown. */
export class StoreFailure extends Error {
  override readonly name = "StoreFailure";
}

/** Runs a call; a failing store answers `unavailable`, any other throw is a bug and stays one. */
export async function answering<T>(work: () => Promise<T>): Promise<T | ReturnType<typeof fail<"unavailable">>> {
  try {
    return await work();
  } catch (error) {
    if (!isStoreFailure(error)) throw error;
    // The query's own error is not logged: it carries the parameters.
    console.error(`identity: a store did not answer (${error instanceof StoreFailure ? error.message : "D1"})`);
    return fail("unavailable");
  }
}

function isStoreFailure(error: unknown): boolean {
  if (error instanceof StoreFailure || error instanceof DrizzleQueryError) return true;
  return error instanceof Error && error.message.startsWith("D1_");
}
