import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What one call of the API was: for tests to read what really went out. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly jurisdiction: string | null;
  readonly body: unknown;
}

/** A bucket's lock rule, as the API has it. */
export interface Rule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly condition: { readonly type: "Age"; readonly maxAgeSeconds: number } | { readonly type: "Indefinite" };
}

export interface FakeAccount {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Without `jurisdiction`, the API does not tell it. */
  readonly databases: { name: string; uuid: string; jurisdiction?: string | null }[];
  readonly buckets: { name: string; jurisdiction: string | null; rules: Rule[] }[];
  /** Secret names by Worker. */
  readonly secrets: Map<string, string[]>;
  stop(): Promise<void>;
}

/** An account of Cloudflare's REST API on loopback, as far as `wrangler` asks when it makes stores and sets secrets. */
export async function fakeAccount(account: string, token: string): Promise<FakeAccount> {
  const state = {
    calls: [] as Call[],
    databases: [] as FakeAccount["databases"],
    buckets: [] as FakeAccount["buckets"],
    secrets: new Map<string, string[]>(),
  };
  const server: Server = createServer((request, response) => {
    void answer(request, response);
  });
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const jurisdiction = (request.headers["cf-r2-jurisdiction"] as string | undefined) ?? null;
    const call: Call = {
      method: request.method ?? "GET",
      path: url.pathname.replace(`/accounts/${account}`, ""),
      jurisdiction,
      // Not every JSON body says that it is one; an upload of a script is none.
      body: text.startsWith("{") ? JSON.parse(text) : null,
    };
    state.calls.push(call);
    const allowed = request.headers.authorization === `Bearer ${token}`;
    const [status, result] = allowed ? route(call, Number(url.searchParams.get("page") ?? 1)) : error(403, 10000);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(result));
  };
  const good = (result: unknown): [number, unknown] => [200, { success: true, errors: [], messages: [], result }];
  const error = (status: number, code: number): [number, unknown] => [
    status,
    { success: false, errors: [{ code, message: `error ${code}` }], messages: [], result: null },
  ];

  function route({ method, path, jurisdiction, body }: Call, page: number): [number, unknown] {
    if (path === "/d1/database" && method === "GET") return good(page === 1 ? state.databases : []);
    if (path === "/d1/database" && method === "POST") {
      const wanted = body as { name: string; jurisdiction?: string };
      if (state.databases.some(({ name }) => name === wanted.name)) return error(400, 7502);
      const made = { name: wanted.name, uuid: crypto.randomUUID(), jurisdiction: wanted.jurisdiction ?? null };
      state.databases.push(made);
      return good(made);
    }
    if (path === "/r2/buckets" && method === "POST") {
      state.buckets.push({ name: (body as { name: string }).name, jurisdiction, rules: [] });
      return good({});
    }
    const lock = /^\/r2\/buckets\/([^/]+)\/lock$/.exec(path);
    if (lock !== null) {
      const bucket = state.buckets.find((each) => each.name === lock[1] && each.jurisdiction === jurisdiction);
      if (bucket === undefined) return error(404, 10006);
      if (method === "PUT") bucket.rules = (body as { rules: Rule[] }).rules;
      return good({ rules: bucket.rules });
    }
    const script = /^\/workers\/scripts\/([^/]+)(\/secrets-bulk)?$/.exec(path);
    if (script?.[1] !== undefined && script[2] === undefined && method === "PUT") {
      state.secrets.set(script[1], []);
      return good({});
    }
    if (script?.[1] !== undefined && method === "PATCH") {
      if (!state.secrets.has(script[1])) return error(404, 10007);
      const more = Object.keys((body as { secrets: object }).secrets);
      state.secrets.set(script[1], [...(state.secrets.get(script[1]) ?? []), ...more]);
      return good({});
    }
    return error(404, 7003);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { ...state, url: `http://127.0.0.1:${port}`, stop };
}
