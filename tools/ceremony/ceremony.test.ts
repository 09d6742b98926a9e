import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openKeyOrder, type KeyStatus } from "../../protocol/pay/key-order.ts";
import { joinShares, joinedCheck, readShares, shareCheck, type Custodian } from "../../protocol/pay/key-shares.ts";
import { ROOT } from "../platform/root.ts";
import { confirmJoined } from "./confirm.ts";
import { signerOf, type Send } from "./custodian-client.ts";
import { makeOfficerKey, readOfficerKey } from "./officer-key.ts";
import { makeShare } from "./share.ts";
import {
  append,
  canonical,
  hashOf,
  readTranscript,
  writeTranscript,
  type Part,
  type Transcript,
} from "./transcript.ts";
import { isComplete, verifyTranscript } from "./verify.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cartwright-ceremony-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const T0 = new Date("2026-11-20T10:00:00Z");
const LATER = new Date("2026-11-20T11:00:00Z");
const transcript = () => join(folder, "transcript.json");
const keyFile = (custodian: Custodian) => join(folder, `${custodian}.key.json`);
const ringFile = (custodian: Custodian) => join(folder, `${custodian}.shares.json`);
const wanted = (custodian: Custodian, change: object = {}) => ({
  custodian,
  cell: "eu",
  version: 2,
  key: keyFile(custodian),
  shares: ringFile(custodian),
  transcript: transcript(),
  ...change,
});
const officers = async (nameA = "Officer of Share A", nameB = "Officer of Share B", rehearsal = false) => {
  await makeOfficerKey(keyFile("A"), nameA, rehearsal);
  await makeOfficerKey(keyFile("B"), nameB, rehearsal);
};
const bothShares = async () => {
  await officers();
  await makeShare(wanted("A"), T0);
  return makeShare(wanted("B"), LATER);
};
const sharesIn = (custodian: Custodian) => {
  const ring = readShares(readFileSync(ringFile(custodian), "utf8"));
  if (!ring.ok) throw new Error(ring.reason);
  return ring.value;
};

/** The CDE as far as it answers a status order: it joins what the two rings hold. */
const cde =
  (change: Partial<KeyStatus> = {}): Send =>
  async (_path, init) => {
    const publicKeys = await Promise.all(
      (["A", "B"] as const).map(async (each) => {
        const { d: _, ...jwk } = readOfficerKey(keyFile(each)).jwk;
        return (await signerOf(each, { jwk })).key;
      }),
    );
    const [a, b] = publicKeys;
    if (a === undefined || b === undefined) throw new Error("no keys");
    const order = await openKeyOrder(await new Response(init.body).json(), { A: a, B: b }, LATER.getTime());
    if (!order.ok) return Response.json({ code: "key_order", title: "The order is not accepted" }, { status: 401 });
    const [shareA, shareB] = [sharesIn("A").shares.get(2), sharesIn("B").shares.get(2)];
    if (shareA === undefined || shareB === undefined) throw new Error("no shares");
    const status: KeyStatus = {
      cell: "eu",
      current: 1,
      data_keys: [],
      key_encryption_keys: [
        {
          version: 2,
          check: await joinedCheck(joinShares(shareA, shareB)),
          share_a_check: await shareCheck("A", 2, shareA),
          share_b_check: await shareCheck("B", 2, shareB),
          data_keys: 0,
        },
      ],
      waiting: [],
      rewrap: { done: 0, total: 0 },
      security_events: 0,
      ...change,
    };
    return Response.json(status);
  };
const confirmed = async () => {
  await bothShares();
  await confirmJoined(wanted("A"), cde(), LATER);
  return confirmJoined(wanted("B"), cde(), LATER);
};

describe("a key ceremony", () => {
  it("ends with two shares in two places and a transcript that both signed", async () => {
    const whole = await confirmed();
    expect(await verifyTranscript(whole)).toEqual([]);
    expect(isComplete(whole)).toBe(true);
    expect(whole.parts.map((each) => `${each.statement.step} ${each.statement.custodian}`)).toEqual([
      "share A",
      "share B",
      "joined A",
      "joined B",
    ]);
    expect(sharesIn("A")).toMatchObject({ custodian: "A", cell: "eu", rehearsal: false });
    expect(statSync(ringFile("A")).mode & 0o077).toBe(0);
    expect(statSync(keyFile("A")).mode & 0o077).toBe(0);
  });

  it("puts neither share nor the joined key, nor a role key's private half, into the transcript", async () => {
    const whole = JSON.stringify(await confirmed());
    const [a, b] = [sharesIn("A").shares.get(2), sharesIn("B").shares.get(2)];
    if (a === undefined || b === undefined) throw new Error("no shares");
    for (const secret of [a, b, joinShares(a, b)])
      for (const form of ["base64", "base64url", "hex"] as const)
        expect(whole).not.toContain(Buffer.from(secret).toString(form).slice(0, 20));
    expect(whole).not.toContain(readOfficerKey(keyFile("A")).jwk.d);
  });

  it("adds a version to an officer's ring and keeps the others", async () => {
    await bothShares();
    const first = sharesIn("A").shares.get(2);
    await makeShare(wanted("A", { version: 3, transcript: join(folder, "next.json") }), LATER);
    expect([...sharesIn("A").shares.keys()]).toEqual([2, 3]);
    expect(sharesIn("A").shares.get(2)).toEqual(first);
    await expect(makeShare(wanted("A", { transcript: join(folder, "x.json") }), LATER)).rejects.toThrow("already");
  });
});

describe("one person in both roles", () => {
  it.each([
    ["Officer of Share A", "Officer of Share A"],
    ["Officer of Share A", "  officer  OF share-a "],
    ["Ångström", "Ångström"],
  ])("is refused by name: %j and %j", async (a, b) => {
    await officers(a, b);
    await makeShare(wanted("A"), T0);
    const before = readFileSync(transcript(), "utf8");
    await expect(makeShare(wanted("B"), LATER)).rejects.toThrow("holds both roles");
    expect(readFileSync(transcript(), "utf8")).toBe(before);
    expect(existsSync(ringFile("B"))).toBe(false);
  });

  it("is refused by role key, under whatever name", async () => {
    await officers();
    const { jwk } = readOfficerKey(keyFile("A"));
    writeFileSync(keyFile("B"), JSON.stringify({ officer: "Somebody Else", rehearsal: false, jwk }));
    await makeShare(wanted("A"), T0);
    await expect(makeShare(wanted("B"), LATER)).rejects.toThrow("one key");
    expect(existsSync(ringFile("B"))).toBe(false);
  });

  it("is found in a transcript that another tool wrote", async () => {
    await officers();
    const officer = readOfficerKey(keyFile("A"));
    const part = (custodian: Custodian, at: Date) =>
      ({
        step: "share",
        cell: "eu",
        version: 2,
        rehearsal: false,
        custodian,
        at: at.toISOString(),
        share_check: "0".repeat(16),
      }) as const;
    const one = await append({ format: "cartwright-key-ceremony/1", parts: [] }, officer, part("A", T0));
    const problems = await verifyTranscript(await append(one, officer, part("B", LATER)));
    expect(problems).toEqual(["Officer of Share A holds both roles", "Both roles sign with one key"]);
  });
});

describe("a ceremony's step", () => {
  it("refuses the other custodian's ring, another cell or version, and a role that is taken", async () => {
    await bothShares();
    const next = join(folder, "next.json");
    await expect(makeShare(wanted("B", { shares: ringFile("A"), transcript: next }), LATER)).rejects.toThrow(
      "one share only",
    );
    await expect(makeShare(wanted("A", { cell: "us", transcript: next }), LATER)).rejects.toThrow("of cell eu");
    await expect(makeShare(wanted("A", { version: 5 }), LATER)).rejects.toThrow("both shares already");
    await makeShare(wanted("A", { version: 6, transcript: next }), LATER);
    await expect(makeShare(wanted("B", { version: 7, transcript: next }), LATER)).rejects.toThrow("version 6");
    await expect(makeShare(wanted("A", { version: 8, transcript: next }), LATER)).rejects.toThrow("share already");
  });

  it("keeps a rehearsal's artefacts and a real ceremony's apart", async () => {
    await officers("Officer of Share A", "Officer of Share B", true);
    await makeShare(wanted("A"), T0);
    rmSync(keyFile("B"));
    await makeOfficerKey(keyFile("B"), "Officer of Share B", false);
    await expect(makeShare(wanted("B"), LATER)).rejects.toThrow("rehearsal");
    expect(sharesIn("A").rehearsal).toBe(true);
  });

  it("confirms only the key of the two shares, joined by the CDE", async () => {
    await bothShares();
    await expect(
      confirmJoined(wanted("A"), cde({ key_encryption_keys: [], waiting: [{ version: 2, missing: "B" }] }), LATER),
    ).rejects.toThrow("no share of custodian B of version 2");
    await expect(confirmJoined(wanted("A"), cde({ key_encryption_keys: [] }), LATER)).rejects.toThrow(
      "no key of version 2",
    );
    const wrong = {
      version: 2,
      check: "00000000",
      share_a_check: "0".repeat(16),
      share_b_check: "0".repeat(16),
      data_keys: 0,
    };
    await expect(confirmJoined(wanted("A"), cde({ key_encryption_keys: [wrong] }), LATER)).rejects.toThrow(
      "not of the shares",
    );
    await expect(confirmJoined({ ...wanted("A"), custodian: "B" }, cde(), LATER)).rejects.toThrow("401 key_order");
    expect(readTranscript(transcript()).parts).toHaveLength(2);
  });
});

describe("verifying a transcript", () => {
  const changed = (whole: Transcript, at: number, change: object): Transcript => ({
    ...whole,
    parts: whole.parts.map((part, i) =>
      i === at ? ({ ...part, statement: { ...part.statement, ...change } } as Part) : part,
    ),
  });

  it("finds any change of any part", async () => {
    const whole = await confirmed();
    const other = readOfficerKey(keyFile("A"));
    const cases: [Transcript, string][] = [
      [changed(whole, 0, { officer: "Somebody Else" }), "Part 1 is not signed"],
      [changed(whole, 1, { share_check: "f".repeat(16) }), "Part 2 is not signed"],
      [changed(whole, 2, { joined_check: "ffffffff" }), "Part 3 is not signed"],
      [changed(whole, 3, { previous: null }), "Part 4 does not follow"],
      [{ ...whole, parts: whole.parts.slice(1) }, "Part 1 does not follow"],
      [{ ...whole, parts: [...whole.parts.slice(0, 2), ...whole.parts.slice(2).toReversed()] }, "does not follow"],
      [changed(whole, 0, { share: "a secret" }), "has members that it may not have"],
      [changed(whole, 0, { share_check: "x" }), "a check value of another form"],
      [{ ...whole, format: "other" as never }, "another format"],
      [
        await append({ ...whole, parts: whole.parts.slice(0, 1) }, other, {
          ...(whole.parts[2]?.statement as never as object),
        } as never),
        "joined without both shares",
      ],
    ];
    for (const [transcript, problem] of cases)
      expect((await verifyTranscript(transcript)).join("; ")).toContain(problem);
  });

  it("knows one that is not whole yet", async () => {
    const half = await bothShares();
    expect(await verifyTranscript(half)).toEqual([]);
    expect(isComplete(half)).toBe(false);
  });

  it("hashes what is said, not how it is laid out", () => {
    expect(canonical({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  });
});

describe("npm run ceremony", () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "tools/ceremony.ts"), ...args], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  };

  it("takes two officers through their parts, each seeing one share, and verifies", () => {
    for (const custodian of ["A", "B"] as const) {
      mkdirSync(join(folder, custodian));
      const key = join(folder, custodian, "key.json");
      const shares = join(folder, custodian, "shares.json");
      expect(run("key", "--name", `Officer of Share ${custodian}`, "--key", key).status).toBe(0);
      expect(JSON.parse(run("public", "--key", key).stdout)).not.toHaveProperty("d");
      const made = run(
        "share",
        "--as",
        custodian,
        "--cell",
        "us",
        "--version",
        "1",
        "--key",
        key,
        "--shares",
        shares,
        "--transcript",
        transcript(),
      );
      expect(made.status).toBe(0);
      const { shares: secret } = JSON.parse(readFileSync(shares, "utf8")) as { shares: Record<string, string> };
      expect(made.stdout + made.stderr).not.toContain(secret["1"]);
    }
    const verified = run("verify", transcript());
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain("It holds so far; it is not whole yet.");
    const { parts, format } = readTranscript(transcript());
    writeTranscript(transcript(), { format, parts: parts.toReversed() });
    expect(run("verify", transcript())).toMatchObject({ status: 1 });
  });

  it("says what is missing or unknown and how it is called, and ends with 2", () => {
    const says = (text: string) => ({ status: 2, stderr: expect.stringContaining(text) as string });
    expect(run("dance")).toMatchObject(says("STEP takes rehearse, key, public"));
    expect(run("share", "--as", "C", "--version", "0")).toMatchObject(says("--version takes a whole number from 1"));
    expect(run("confirm", "--as", "C")).toMatchObject(says("--as takes A or B"));
    expect(run("key", "--key", join(folder, "k"))).toMatchObject(says("--name is needed\n\nnpm run ceremony -- STEP"));
  });
});
