import { fail, ok, type Result } from "../../protocol/result.ts";

/** Runs something on D1 or R2: its failure is an expected outcome. The log names the operation, never the data. */
export async function stored<T>(what: string, run: () => Promise<T>): Promise<Result<T, "unavailable">> {
  try {
    return ok(await run());
  } catch (error) {
    console.error(JSON.stringify({ event: "storage_failed", what, error: error instanceof Error ? error.name : "" }));
    return fail("unavailable");
  }
}
