import { DrizzleQueryError } from "drizzle-orm";
import { fail, ok, type Result } from "../../protocol/result.ts";

/** R2 throws plain errors: an outage, told apart here from a bug. */
class BucketFailure extends Error {
  override readonly name = "BucketFailure";
}

/** @throws BucketFailure with R2's own error as its cause */
export async function inBucket<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new BucketFailure("R2", { cause: error });
  }
}

/**
 * Runs a call; a database or bucket that fails answers `unavailable` and is logged with its own error, any other throw is
 * a bug and stays one.
 * @param what names the call in the log
 */
export async function answering<T>(what: string, work: () => Promise<T>): Promise<Result<T, "unavailable">> {
  try {
    return ok(await work());
  } catch (error) {
    const cause = storeErrorOf(error);
    if (cause === undefined) throw error;
    console.error(JSON.stringify({ event: "store_failed", what, error: cause }));
    return fail("unavailable");
  }
}

/** The store's own words, without the query's parameters; undefined for what no store threw. */
function storeErrorOf(error: unknown): string | undefined {
  const inner = error instanceof BucketFailure || error instanceof DrizzleQueryError ? error.cause : error;
  const text = inner instanceof Error ? inner.message : "";
  if (error instanceof BucketFailure) return `R2: ${text}`;
  if (error instanceof DrizzleQueryError) return text.startsWith("D1_") ? text : "D1";
  return text.startsWith("D1_") ? text : undefined;
}
