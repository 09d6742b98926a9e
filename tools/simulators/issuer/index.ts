import { requireBindings } from "../../../protocol/rooms/boot.ts";
import { accessToken, LIFE_SECONDS, parseGrant, type ProviderKey, providerKey } from "./token.ts";

/**
 * Stands in for the retailer's OpenID Connect provider: it believes whoever says who they are, so it is for one
 * machine only. `POST /token` takes a form `username`, `name`, `email` (and `wrong`, for tests); one round trip
 * instead of a browser's.
 */
let key: Promise<ProviderKey> | undefined;

export default {
  async fetch(request, env) {
    requireBindings(env, ["CELL", "ISSUER_JWK"]);
    key ??= providerKey(env.ISSUER_JWK);
    const { origin, pathname } = new URL(request.url);
    switch (`${request.method} ${pathname}`) {
      case "GET /.well-known/openid-configuration":
        return Response.json(metadata(origin));
      case "GET /jwks":
        return Response.json({ keys: [(await key).published] });
      case "POST /token":
        return grant(await key, origin, request);
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<IssuerBindings>;

/** OpenID Connect Discovery 1.0, 3. */
function metadata(origin: string) {
  return {
    issuer: origin,
    jwks_uri: `${origin}/jwks`,
    token_endpoint: `${origin}/token`,
    response_types_supported: ["none"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    token_endpoint_auth_methods_supported: ["none"],
    scopes_supported: ["openid", "profile", "email"],
  };
}

async function grant(signing: ProviderKey, origin: string, request: Request): Promise<Response> {
  const headers = { "cache-control": "no-store" };
  const [type] = (request.headers.get("content-type") ?? "").split(";", 1);
  const asked =
    type?.trim() === "application/x-www-form-urlencoded"
      ? parseGrant(new URLSearchParams(await request.text()))
      : "invalid_request";
  if (typeof asked === "string")
    return Response.json({ error: asked }, { status: asked === "invalid_client" ? 401 : 400, headers });
  const token = await accessToken(signing, origin, asked, Date.now());
  return Response.json({ access_token: token, token_type: "Bearer", expires_in: LIFE_SECONDS }, { headers });
}
