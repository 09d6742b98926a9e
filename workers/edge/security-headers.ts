/**
 * On every answer to a browser or an app; the cart's door sends none of them. No inline script or style, no other
 * origin, no frame, no form.
 */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // What is one person's, or a refusal, is in no cache; a page that is everyone's says so itself.
  "cache-control": "no-store",
};

/** The same answer with the security headers; a handler's own header wins. */
export function withSecurityHeaders(response: Response): Response {
  // A connection that is a WebSocket now has no page to protect, and made anew it would lose its socket.
  if (response.webSocket !== null) return response;
  const secured = new Response(response.body, response);
  for (const [name, value] of Object.entries(HEADERS)) if (!secured.headers.has(name)) secured.headers.set(name, value);
  return secured;
}
