import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openCheckpoint } from "./checkpoint.ts";
import { startLog, type LogUnderTest } from "./log-under-test.ts";

let errors: string[];

beforeEach(() => {
  errors = [];
  vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** R2's limit: one write a second to the same key. */
describe("a bucket that takes one checkpoint a second", () => {
  it("gets no two within one, however the batches come", async () => {
    const made = await startLog();
    limit(made);
    for (let n = 0; n < 5; n += 1) {
      await made.log.append(`entry ${n}`);
      await made.runTimers();
      made.clock.now += n * 150;
    }
    // More than one batch's: the second one's checkpoint waits as well.
    for (let n = 5; n < 4_200; n += 1) await made.log.append(`entry ${n}`);
    await made.runTimers();
    expect([await publishedBy(made), errors]).toEqual([4_200, []]);
  });

  it("gets none within one of a put that failed, or of an earlier process's", async () => {
    const made = await startLog();
    limit(made);
    const put = made.bucket.put.bind(made.bucket);
    await made.log.append("first");
    await made.runTimers();
    made.bucket.put = async (key, bytes, onlyIf) => {
      const written = await put(key, bytes, onlyIf);
      if (key === "checkpoint") throw new Error("the answer was lost");
      return written;
    };
    await made.log.append("second");
    await made.runTimers();
    expect(errors).toEqual([expect.stringContaining("audit_log_not_published")]);
    made.bucket.put = put;
    await made.log.append("third");
    await made.runTimers();
    const again = await startLog(made);
    await again.log.append("fourth");
    await again.runTimers();
    expect([await publishedBy(made), errors]).toEqual([4, [expect.anything()]]);
  });

  it("does not make an append wait, and what is appended meanwhile is in the next one", async () => {
    let go = () => {};
    const pause = (): Promise<void> => new Promise((resolve) => (go = resolve));
    const made = await startLog({ pause });
    await made.log.append("first");
    await made.runTimers();
    await made.log.append("second");
    const publishing = made.log.wake();
    expect(await made.log.append("third")).toBe(2);
    expect(await publishedBy(made)).toBe(1);
    go();
    await publishing;
    expect(await publishedBy(made)).toBe(3);
  });
});

function limit({ bucket, clock }: LogUnderTest): void {
  let last = Number.NEGATIVE_INFINITY;
  bucket.fail = (call, key) => {
    if (call !== "put" || key !== "checkpoint") return;
    const since = clock.now - last;
    last = clock.now;
    if (since < 1_000) throw new Error("429");
  };
}

async function publishedBy({ bucket, signer }: LogUnderTest): Promise<number> {
  const opened = await openCheckpoint(bucket.objects.get("checkpoint") ?? "", signer.key);
  if (!opened.ok) throw new Error(opened.reason);
  return opened.value.size;
}
