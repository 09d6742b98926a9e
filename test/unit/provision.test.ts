import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { platform } from "../../tools/checks/platform.ts";
import { carryOut } from "../../tools/provision/carry-out.ts";
import { readLockRules } from "../../tools/provision/lock-rules.ts";
import { LOCKS } from "../../tools/provision/locks.ts";
import { plan, type Step } from "../../tools/provision/plan.ts";
import { shown } from "../../tools/provision/print.ts";
import { readSecrets } from "../../tools/provision/secrets.ts";
import { wranglerIn, type Wrangler } from "../../tools/provision/wrangler.ts";
import { fakeAccount, type FakeAccount, type Rule } from "./cloudflare-api.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";
const TOKEN = "a-token-for-a-test-alone";
/** A call of wrangler takes about a second here. */
const SLOW = 400_000;

describe.each(["us", "eu"] as const)("what %s is made of", (cell) => {
  const members = platform().filter((member) => member.cell === cell);
  const steps = plan(members, cell);
  const words = (kind: Step["kind"]) => steps.filter((step) => step.kind === kind).map(({ args }) => args.join(" "));

  test("is every database and bucket that a Worker of the cell binds, each made in the cell's jurisdiction", () => {
    const databases = members.flatMap(({ config }) => config.databases.map((each) => each.database));
    const buckets = members.flatMap(({ config }) => config.buckets.map((each) => each.bucket));
    expect(words("database").toSorted()).toEqual(
      [...new Set(databases)].map((name) => `d1 create ${name} --jurisdiction ${cell}`).toSorted(),
    );
    expect(words("bucket").toSorted()).toEqual(
      [...new Set(buckets)].map((name) => `r2 bucket create ${name} --jurisdiction ${cell}`).toSorted(),
    );
    expect(databases.length).toBeGreaterThan(5);
  });

  test("has a lock on the tiles of each audit log for thirteen months at least", () => {
    const locked = steps.filter((step) => step.kind === "lock");
    expect(locked.map(({ name }) => name)).toEqual(LOCKS.map(({ bucket }) => `${bucket}-${cell}`));
    const audits = members
      .flatMap(({ config }) => config.buckets.map(({ bucket }) => bucket))
      .filter((name) => /audit|access-log/.test(name));
    expect(locked.map(({ name }) => name).toSorted()).toEqual(audits.toSorted());
    expect(LOCKS.every(({ days }) => days >= 397)).toBe(true);
    expect(() => plan(members, cell, [{ bucket: "nobody-binds", rule: "x", prefix: "x", days: 1 }])).toThrow(
      "no Worker binds",
    );
  });

  test("names every secret that a Worker of the cell must have, and no other cell", () => {
    const named = steps
      .filter((step) => step.kind === "secrets")
      .flatMap(({ worker, names }) => names.map((name) => `${worker} ${name}`));
    const required = members.flatMap(({ config, secrets }) => secrets.map((name) => `${config.worker} ${name}`));
    expect(named.toSorted()).toEqual(required.toSorted());
    const other = cell === "us" ? /\beu\b/ : /\bus\b/;
    expect(steps.filter(({ args }) => other.test(args.join(" ")))).toEqual([]);
  });

  test("keeps the CDE's account apart from the platform's", () => {
    const cde = steps
      .filter(({ account }) => account === "cde")
      .map((step) => (step.kind === "secrets" ? step.worker : step.name));
    expect(cde).toContain(`vault-${cell}`);
    expect(cde.every((name) => /^(?:vault|cartwright-cde|cartwright-access-log)/.test(name))).toBe(true);
    expect(shown(steps)).toContain(`# Cell ${cell}, the CDE's account`);
  });
});

describe("run by wrangler itself against an account", () => {
  let account: FakeAccount;
  let folder: string;
  let wrangler: Wrangler;
  const steps = plan(platform(), "eu").filter((step) => step.account === "cde");
  const names = steps.flatMap((step) => (step.kind === "secrets" ? step.names : []));
  const secrets = Object.fromEntries(names.map((name) => [name, `value-of-${name}`]));

  beforeEach(async () => {
    account = await fakeAccount(ACCOUNT, TOKEN);
    folder = mkdtempSync(join(tmpdir(), "cartwright-provision-test-"));
    wrangler = wranglerIn(folder, {
      CLOUDFLARE_API_BASE_URL: account.url,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      // Its settings and logs go with the folder.
      XDG_CONFIG_HOME: folder,
    });
  });
  afterEach(async () => {
    await account.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test(
    "makes each store in the jurisdiction, sets locks and secrets, and a second run changes nothing",
    async () => {
      const first = await carryOut(steps, wrangler, secrets);
      expect(first.outcomes.filter(({ outcome }) => outcome === "there" || outcome === "no value")).toEqual([]);
      expect(account.databases.map(({ name, jurisdiction }) => [name, jurisdiction])).toEqual([["vault-eu", "eu"]]);
      expect(account.buckets.every(({ jurisdiction }) => jurisdiction === "eu")).toBe(true);
      const locks = steps.filter((step) => step.kind === "lock");
      expect(account.buckets.flatMap(({ rules }) => rules.map(({ id }) => id))).toEqual(locks.map(({ rule }) => rule));
      expect(account.secrets.get("cartwright-cde-eu")?.toSorted()).toEqual(names.toSorted());
      expect(first.databaseIds).toEqual({ "vault-eu": account.databases[0]?.uuid });

      const writes = () => account.calls.filter(({ method, path }) => method !== "GET" && !path.includes("secrets"));
      const before = writes().length;
      const second = await carryOut(steps, wrangler, secrets);
      expect(writes()).toHaveLength(before);
      expect(second.databaseIds).toEqual(first.databaseIds);
    },
    SLOW,
  );

  test.each([null, "us"])(
    "stops at a database of the right name that lies in jurisdiction %s",
    async (jurisdiction) => {
      account.databases.push({ name: "vault-eu", uuid: crypto.randomUUID(), jurisdiction });
      await expect(carryOut(steps, wrangler, {})).rejects.toThrow(
        `vault-eu exists with jurisdiction ${jurisdiction ?? "none"}`,
      );
      expect(account.calls.filter(({ method }) => method !== "GET")).toEqual([]);
    },
    SLOW,
  );

  test(
    "stops at a database of which the listing does not tell where it is",
    async () => {
      account.databases.push({ name: "vault-eu", uuid: crypto.randomUUID() });
      await expect(carryOut(steps, wrangler, {})).rejects.toThrow("does not tell its jurisdiction");
      expect(account.calls.filter(({ method }) => method !== "GET")).toEqual([]);
    },
    SLOW,
  );

  const [bucket] = steps.filter((step) => step.kind === "bucket");
  const [lock] = steps.filter((step) => step.kind === "lock");
  if (bucket === undefined || lock === undefined) throw new Error("the CDE has no locked bucket");
  const { name, rule: id, prefix, days } = lock;
  const age = (of: number) => ({ type: "Age" as const, maxAgeSeconds: of * 86_400 });

  test.each([
    [[null], "exists in no jurisdiction, not eu"],
    [["us"], "exists in us, not eu"],
    [["eu", null], "is found in eu and in no jurisdiction"],
    [["eu", "us"], "is found in eu and in us"],
  ])(
    "stops at a bucket that is found in %j",
    async (places, why) => {
      for (const jurisdiction of places) account.buckets.push({ name, jurisdiction, rules: [] });
      await expect(carryOut([bucket], wrangler, {})).rejects.toThrow(`${name} ${why}`);
      expect(account.calls.filter(({ method }) => method !== "GET")).toEqual([]);
    },
    SLOW,
  );

  test.each<[string, Partial<Rule>, string]>([
    ["is for one day", { condition: age(1) }, "after 1 day)"],
    ["has no end", { condition: { type: "Indefinite" } }, "condition: indefinitely"],
    ["is on another prefix", { prefix: "else/" }, "prefix: else/"],
    ["is on every prefix", { prefix: "" }, "prefix: (all prefixes)"],
    ["is off", { enabled: false }, "enabled: No"],
  ])(
    "stops at a lock rule of the right name that %s, and shows both",
    async (_, wrong, there) => {
      const rule: Rule = { id, enabled: true, prefix, condition: age(days), ...wrong };
      const before: Rule = { id: "another", enabled: true, prefix, condition: age(days) };
      account.buckets.push({ name, jurisdiction: "eu", rules: [before, rule] });
      const carried = carryOut([lock], wrangler, {});
      await expect(carried).rejects.toThrow(there);
      await expect(carried).rejects.toThrow(`wanted (enabled: Yes, prefix: ${prefix}, condition: after ${days} days)`);
      expect(account.calls.filter(({ method }) => method !== "GET")).toEqual([]);
    },
    SLOW,
  );

  test(
    "says what the API refused, and sets none of a Worker's secrets when one has no value",
    async () => {
      const stranger = wranglerIn(folder, {
        CLOUDFLARE_API_BASE_URL: account.url,
        CLOUDFLARE_API_TOKEN: "another",
        CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
        XDG_CONFIG_HOME: folder,
      });
      await expect(carryOut(steps, stranger, secrets)).rejects.toThrow(/^wrangler d1 list: ✘ \[ERROR\] .*API/);
      const only = steps.filter((step) => step.kind === "secrets");
      const { outcomes } = await carryOut(only, wrangler, { FINGERPRINT_KEY: "alone" });
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["no value", "no value", "no value"]);
      expect(account.secrets.size).toBe(0);
    },
    SLOW,
  );

  test(
    "sets what one person holds without the custodians' shares, and each share by itself",
    async () => {
      const only = steps.filter((step) => step.kind === "secrets");
      const { KEK_SHARE_A = "", KEK_SHARE_B = "", ...others } = secrets;
      const given = async (values: Readonly<Record<string, string>>) =>
        (await carryOut(only, wrangler, values)).outcomes.map(({ outcome }) => outcome);
      expect(await given(others)).toEqual(["set", "no value", "no value"]);
      expect(await given({ KEK_SHARE_A })).toEqual(["no value", "set", "no value"]);
      expect(await given({ KEK_SHARE_B })).toEqual(["no value", "no value", "set"]);
      expect(account.secrets.get("cartwright-cde-eu")?.toSorted()).toEqual(names.toSorted());
    },
    SLOW,
  );
});

test("the reason that is said is wrangler's error, not its advice to try a newer one", async () => {
  const stderr =
    "Note that there is a newer version. Upgrading may resolve this error.\n✘ [ERROR] fetch failed\n\nLogs: x\n";
  const failing: Wrangler = () => Promise.resolve({ status: 1, stdout: "", stderr });
  await expect(carryOut(plan(platform(), "eu"), failing, {})).rejects.toThrow(
    "wrangler d1 list: ✘ [ERROR] fetch failed",
  );
});

describe("a listing of lock rules", () => {
  const block = "name:       tiles\nenabled:    Yes\nprefix:     tile/\ncondition:  after 397 days";
  const read = { name: "tiles", enabled: "Yes", prefix: "tile/", condition: "after 397 days" };

  test("is read block by block, and a bucket without rules says so", () => {
    const listing = ` wrangler 4\n------\nListing lock rules for bucket 'b'...\n${block}\n\n${block.replace("tiles", "more")}\n`;
    expect(readLockRules(listing)).toEqual([read, { ...read, name: "more" }]);
    expect(readLockRules("Listing lock rules for bucket 'b'...\nThere are no lock rules for bucket 'b'.\n")).toEqual(
      [],
    );
  });
  test.each([
    ["nothing", "", "neither rules nor"],
    ["a table in place of blocks", "| tiles | Yes | tile/ |", "neither rules nor"],
    ["a rule without its condition", block.replace(/\ncondition.*$/, ""), "without condition"],
    ["a rule that does not say whether it is on", block.replace("Yes", ""), "without enabled"],
  ])("is refused when it is %s", (_, listing, why) => {
    expect(() => readLockRules(listing)).toThrow(why);
  });
});

describe("a file of secrets", () => {
  test("is one JSON object of texts", () => {
    expect(readSecrets('{"A":"x","B":"y"}')).toEqual({ A: "x", B: "y" });
  });
  test.each([
    ["no JSON", "A=x", "not JSON"],
    ["a list", "[]", "no JSON object"],
    ["a number for a secret", '{"A":1}', "A is no text"],
    ["an empty secret", '{"A":""}', "A is no text"],
    ["a local platform's keys", '{"secrets":{},"outside":{}}', "never deployed"],
  ])("is refused when it is %s", (_, text, why) => {
    expect(() => readSecrets(text)).toThrow(why);
  });
});
