import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readShares } from "../../protocol/pay/key-shares.ts";
import { rehearse } from "./rehearse.ts";
import { readTranscript } from "./transcript.ts";
import { isComplete, verifyTranscript } from "./verify.ts";

it("a rehearsal goes through both roles and a real CDE, is logged there, and is marked as one", async () => {
  const said: string[] = [];
  const { folder, transcript, joinedCheck } = await rehearse("us", (line) => said.push(line));
  try {
    const whole = readTranscript(transcript);
    expect(await verifyTranscript(whole)).toEqual([]);
    expect(isComplete(whole)).toBe(true);
    expect(whole.parts.every((each) => each.statement.rehearsal)).toBe(true);
    expect(joinedCheck).toMatch(/^[0-9a-f]{8}$/);
    for (const custodian of ["A", "B"] as const) {
      const ring = readShares(readFileSync(join(folder, `officer-${custodian.toLowerCase()}`, "shares.json"), "utf8"));
      expect(ring).toMatchObject({ ok: true, value: { custodian, cell: "us", rehearsal: true } });
      const share = ring.ok ? ring.value.shares.get(1) : undefined;
      expect(said.join("\n")).not.toContain(Buffer.from(share ?? []).toString("base64"));
    }
    expect(said.join("\n")).toContain("was refused: Rehearsing Officer A holds both roles");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
