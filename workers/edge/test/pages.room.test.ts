import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { neighbours } from "./neighbours.ts";

let room: RoomUnderTest;
beforeAll(async () => {
  room = await startRoom("edge", { neighbours });
});
afterAll(() => room.stop());

/** Every address that a page makes a browser open or load. */
const linksOf = (html: string): string[] =>
  [...html.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, link]) => link ?? "");

describe("a page", () => {
  it.each(["/", "/docs"])("%s has a language, one main part and nothing that the policy would block", async (path) => {
    const response = await room.fetch(path);
    const html = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
    expect(html.match(/<main /g)).toHaveLength(1);
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/i);
    expect(linksOf(html).filter((link) => !/^[/#]/.test(link) || link.startsWith("//"))).toEqual([]);
  });

  it("links to no place that is not there", async () => {
    const html = (await (await room.fetch("/")).text()) + (await (await room.fetch("/docs")).text());
    for (const link of new Set(linksOf(html))) {
      if (link.startsWith("#")) expect(html).toContain(`id="${link.slice(1)}"`);
      else expect([link, (await room.fetch(link)).status]).toEqual([link, 200]);
    }
  });

  it("of documentation explains every problem where its type points", async () => {
    const html = await (await room.fetch("/docs")).text();
    const problem = (await (await room.fetch("/nothing")).json()) as { type: string };
    expect(html).toContain(`id="${problem.type.split("#")[1]}"`);
  });

  it("of documentation begins with a list of every operation, and says the shape of a refusal once", async () => {
    const html = await (await room.fetch("/docs")).text();
    const { paths } = (await (await room.fetch("/openapi.json")).json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const operations = Object.values(paths).flatMap((item) => Object.values(item));
    const contents = /<nav .*?<\/nav>/s.exec(html)?.[0] ?? "";
    for (const { operationId } of operations) expect(contents).toContain(`href="#${operationId}"`);
    expect(html.match(/application\/problem\+json/g)).toHaveLength(1);
    expect(html.match(/class="refusals"/g)).toHaveLength(operations.length);
  });

  it("of OpenAPI is the committed document", async () => {
    const served: unknown = await (await room.fetch("/openapi.json")).json();
    const committed: unknown = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8"));
    expect(served).toEqual(committed);
  });

  it("answers HEAD like GET, without the body", async () => {
    const response = await room.fetch("/docs", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
