import { ROUTES } from "../../../workers/edge/app/routes.ts";
import { Person } from "../../person/client.ts";
import type { Place } from "../../trip/party.ts";
import { attempt, waysToWrite, type Attempt } from "./attempt.ts";

/** Every route of the app API with a card number in each field that it reads, in its path, its query and a header. */
export async function tryApp({ origins }: Pick<Place, "origins">, pan: string): Promise<Attempt[]> {
  const made: Attempt[] = [];
  for (const route of ROUTES) {
    const { method, path } = route;
    const name = `${method.toUpperCase()} ${path}`;
    // A subject a route: the limit is by person.
    const authorization = `Bearer ${await tokenOf(origins.issuer, `pan-search-${ROUTES.indexOf(route)}`)}`;
    const send = (field: string, target: string, headers: Record<string, string>, body?: object) =>
      attempt({
        origin: origins.api,
        route: name,
        field,
        path: target,
        method: method.toUpperCase(),
        headers: { authorization, accept: "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const filled = path.replaceAll(/\{\w+\}/g, "none-such");
    for (const field of fieldsOf(route))
      for (const value of [...waysToWrite(pan), Number(pan)])
        made.push(await send(field, filled, { "content-type": "application/json" }, { [field]: value }));
    made.push(await send("query", `${filled}?note=${encodeURIComponent(pan)}`, {}));
    made.push(await send("header", filled, { "x-note": pan }));
    if (path.includes("{")) made.push(await send("path", path.replaceAll(/\{\w+\}/g, pan), {}));
  }
  return [...made, ...(await tryTokens(origins, pan))];
}

/** The identity provider's claims are from outside as well. */
async function tryTokens(origins: Place["origins"], pan: string): Promise<Attempt[]> {
  const claims = [{ name: pan }, { email: `${pan}@shop.example` }];
  return Promise.all(
    claims.map(async (claim) => {
      const person = new Person({
        apiOrigin: origins.api,
        issuerOrigin: origins.issuer,
        username: `pan-search-${Object.keys(claim).join()}`,
        ...claim,
      });
      await person.signIn();
      const refused = await person.me().then(
        () => null,
        (error: unknown) => (error as { code?: string }).code ?? "unknown",
      );
      return {
        route: "GET /v1/me",
        field: `token: ${Object.keys(claim).join()}`,
        answer: refused ?? "200",
        taken: refused === null,
      };
    }),
  );
}

async function tokenOf(issuer: string, username: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams({ username }) });
  if (!response.ok) throw new Error(`the identity provider gives no token: ${response.status}`);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

/** The names of a route's JSON body, and one that is none of them. */
function fieldsOf(route: (typeof ROUTES)[number]): string[] {
  if (!("request" in route) || !("body" in route.request)) return [];
  return [...Object.keys(route.request.body.content["application/json"].schema.shape), "note"];
}
