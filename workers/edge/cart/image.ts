import { contentRange } from "../../../protocol/cart/range.ts";
import type { FirmwarePart } from "../../../protocol/rooms/fleet.ts";
import type { Env } from "../env.ts";
import { atAddress, limitKey } from "../limit-key.ts";
import { refusalResponse } from "./outcome.ts";
import type { Visit } from "./refusals.ts";

/** Longer than any range of one part: what is longer is not looked at. */
const MAX_RANGE_FIELD = 64;

/**
 * A firmware image or one part of it (RFC 9110, 14). Nobody signs for it: its name is its digest, which only a manifest
 * tells, and the cart believes nothing but the manifest's digest. Limited by address, so that nobody empties the bucket.
 */
export async function answerImage(request: Request, digest: string, env: Env, visit: Visit): Promise<Response> {
  const key = `image ${await limitKey(atAddress(visit.address), visit.now)}`;
  if (!(await env.DOOR_LIMIT.limit({ key })).success) return refusalResponse({ code: "too_many" });
  const etag = `"${digest}"`;
  const part = await env.FLEET.firmwareImage(digest, rangeOf(request, etag));
  if (!part.ok)
    return part.reason === "unavailable"
      ? refusalResponse({ code: "unavailable" })
      : new Response(null, { status: 404 });
  const common = { etag, "accept-ranges": "bytes" };
  if (isKnown(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers: common });
  return responseOf(part.value, request.method, common);
}

function responseOf({ size, range, bytes }: FirmwarePart, method: string, common: Record<string, string>): Response {
  if (range === "unsatisfiable")
    return new Response(null, { status: 416, headers: { ...common, "content-range": contentRange(range, size) } });
  const headers = {
    ...common,
    "content-type": "application/octet-stream",
    "content-length": String(bytes.byteLength),
    ...(range === "whole" ? {} : { "content-range": contentRange(range, size) }),
  };
  const body = method === "HEAD" ? null : (bytes as Uint8Array<ArrayBuffer>);
  return new Response(body, { status: range === "whole" ? 200 : 206, headers });
}

/** `Range` is for GET alone (14.2), and is ignored when `If-Range` names another representation (13.1.5). */
function rangeOf({ method, headers }: Request, etag: string): string | null {
  if (method !== "GET") return null;
  const condition = headers.get("if-range");
  if (condition !== null && condition.trim() !== etag) return null;
  return headers.get("range")?.slice(0, MAX_RANGE_FIELD) ?? null;
}

/** RFC 9110, 13.1.2: weak comparison, or any at all. */
function isKnown(field: string | null, etag: string): boolean {
  return (
    field !== null && field.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag)
  );
}
