import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RawReadRefusal, SccRecord } from "../../../protocol/rooms/raw-read.ts";
import { sccClaims } from "../../../protocol/staff/scc.ts";
import { signStatement } from "../../../protocol/staff/signed.ts";
import { publicHalf } from "../../../tools/staff/demo-staff.ts";
import { openAnswer } from "../../../tools/staff/raw-read.ts";
import { MEMBER, NOW, type Parts, type Person, type RawReads, startRawReads } from "./raw-read-grants.ts";

let desk: RawReads;
beforeAll(async () => {
  desk = await startRawReads();
});
afterAll(() => desk.identity.room.stop());

describe("staff of another cell", () => {
  const scc = async (changes: Partial<SccRecord> = {}, by: Person = desk.officer) => {
    const { account, human, jwk } = desk.foreigner;
    const claims: SccRecord = {
      id: "scc-0001",
      officer: desk.officer.account,
      version: 1,
      person: { cell: "us", account, human, key: publicHalf(jwk) },
      purposes: ["fraud_investigation"],
      fields: ["name", "email"],
      issued: NOW() - 60,
      expires: NOW() + 86_400,
      ended: false,
      ...changes,
    };
    return signStatement("scc", sccClaims("eu", claims), by.jwk);
  };
  const FRAUD = { fields: ["name"], purpose: "fraud_investigation" };
  const foreign = async (changes: Partial<SccRecord> = {}, parts: Parts = {}, by: Person = desk.officer) => {
    const requester = { scc: await scc(changes, by), officer: await desk.record(by) };
    return desk.grantOf({ ask: FRAUD, asker: desk.foreigner, ...parts, grant: () => Promise.resolve({ requester }) });
  };

  test("read with a record that names them, and a second human of this cell", async () => {
    const { grant, view } = await foreign();
    const answer = await desk.read(grant);
    if (!answer.ok) throw new Error(answer.reason);
    expect((await openAnswer(answer.value.sealed, view.privateJwk)).fields).toEqual({ name: MEMBER.name });
    expect((await desk.identity.acts())[answer.value.auditIndex]?.detail).toMatchObject({
      staff: "us-staff-1",
      staff_cell: "us",
      scc: "scc-0001",
      approver: "staff-2",
    });
  });

  test.each<[string, RawReadRefusal, () => ReturnType<typeof foreign>]>([
    [
      "without a record, by the other cell's roster",
      "untrusted_record",
      () =>
        desk.grantOf({
          ask: FRAUD,
          asker: desk.foreigner,
          grant: async () => ({ requester: { record: await desk.record(desk.foreigner, {}, "us") } }),
        }),
    ],
    ["past the record's end date", "ended", () => foreign({ expires: NOW() - 1 })],
    ["by a record that was ended", "ended", () => foreign({ id: "scc-0002", ended: true })],
    ["for a purpose that the record does not name", "scc_required", () => foreign({ purposes: ["product_recall"] })],
    ["for a field that the record does not name", "scc_required", () => foreign({ fields: ["email"] })],
    [
      "by a record that names another person",
      "bad_signature",
      () =>
        foreign({ person: { cell: "us", account: "us-staff-1", human: "h-1001", key: publicHalf(desk.approver.jwk) } }),
    ],
    ["by a record that somebody else than the officer signed", "wrong_role", () => foreign({}, {}, desk.asker)],
    [
      "by a record of a person of this very cell",
      "untrusted_record",
      () =>
        foreign({
          person: { cell: "eu", account: "us-staff-1", human: "h-1001", key: publicHalf(desk.foreigner.jwk) },
        }),
    ],
    [
      "approved by the same human under an account here",
      "same_human",
      async () =>
        foreign(
          {},
          { approver: await desk.other({ account: "staff-12", human: "h-1001", roles: ["privacy_approver"] }) },
        ),
    ],
    [
      "approved by the officer whose record names them",
      "same_human",
      async () => {
        const both = await desk.other({ account: "staff-14", human: "h-0014", roles: ["dpo", "privacy_approver"] });
        return foreign({ id: "scc-0014", officer: both.account }, { approver: both }, both);
      },
    ],
    [
      "approved by another account of that officer",
      "same_human",
      async () =>
        foreign(
          {},
          { approver: await desk.other({ account: "staff-13", human: "h-0005", roles: ["privacy_approver"] }) },
        ),
    ],
    [
      "approved with that officer's key",
      "same_key",
      async () =>
        foreign(
          {},
          { approver: { ...desk.officer, account: "staff-15", human: "h-0015", roles: ["privacy_approver"] } },
        ),
    ],
  ])("are refused %s: %s", async (_, code, made) => {
    expect(await desk.read((await made()).grant)).toEqual({ ok: false, reason: code });
  });

  test("are refused by a record that a newer one has ended", async () => {
    const { grant } = await foreign({ id: "scc-0003" });
    const ended = await scc({ id: "scc-0003", version: 2, ended: true });
    expect(await desk.identity.ops("sccChanged", ended, await desk.record(desk.officer))).toEqual({ ok: true });
    expect(await desk.read(grant)).toEqual({ ok: false, reason: "ended" });
    expect(await desk.identity.ops("sccChanged", ended, await desk.record(desk.asker))).toEqual({
      ok: false,
      reason: "wrong_role",
    });
  });
});
