import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EgressRefused, egressTo } from "../egress.ts";

const ORIGIN = "https://processor.example";

describe("the way out of the CDE", () => {
  it("leads to the processor, without following redirects and within a time", async () => {
    const seen: Request[] = [];
    const send = egressTo(ORIGIN, async (request) => {
      seen.push(request);
      return new Response("{}");
    });
    await send("/v1/payments?handoff=1", { method: "GET" });
    expect(seen[0]?.url).toBe("https://processor.example/v1/payments?handoff=1");
    expect(seen[0]?.redirect).toBe("manual");
    expect(seen[0]?.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    "https://elsewhere.example/v1/payments",
    "//elsewhere.example/v1/payments",
    "\\\\elsewhere.example/",
    "http://processor.example/v1/payments",
    "https://processor.example:8443/v1/payments",
    "https://processor.example.elsewhere.example/",
    "https://user:pass@processor.example/",
    "file:///etc/hosts",
    "data:text/plain,x",
  ])("does not lead to %s", async (path) => {
    let sent = 0;
    const send = egressTo(ORIGIN, async () => {
      sent += 1;
      return new Response();
    });
    await expect(send(path, {})).rejects.toThrow(EgressRefused);
    expect(sent).toBe(0);
  });

  it.each(["http://processor.example", "file:///etc", "data:,"])("is not opened to %s", (origin) => {
    expect(() => egressTo(origin, async () => new Response())).toThrow(EgressRefused);
  });

  it("is the only one: no other module of the CDE opens a connection", () => {
    const folder = dirname(dirname(fileURLToPath(import.meta.url)));
    const modules = globSync("**/*.ts", { cwd: folder }).filter(
      (name) =>
        !/(\.test|\.d)\.ts$/.test(name) &&
        !/^test|^form\/(?:browser\/|generated\.ts)/.test(name) &&
        name !== "egress.ts",
    );
    expect(modules.length).toBeGreaterThan(20);
    for (const name of modules)
      expect
        .soft(readFileSync(`${folder}/${name}`, "utf8"), name)
        .not.toMatch(/\bfetch\(|cloudflare:sockets|WebSocket\(/);
  });
});
