import { COMMON_HEADERS } from "../security-headers.ts";
import { SCRIPT_PATH, STYLES_PATH } from "./paths.ts";

/** All that the page may load and where it may connect, by whole address. */
function contentSecurityPolicy(origin: string, embedders: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${origin}${SCRIPT_PATH}`,
    `style-src ${origin}${STYLES_PATH}`,
    `connect-src ${origin}/v1/jwks.json ${origin}/v1/payments/tokenize`,
    // The script submits; a native submission would put the fields into a request of the browser's own making.
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${embedders.length === 0 ? "'none'" : embedders.join(" ")}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/**
 * Of the page; its manifest has each of them (PCI DSS 6.4.3, 11.6.1).
 * @param origin of the pay origin as it was asked
 * @param embedders origins whose web view or page may frame the form; none: nobody's
 */
export function pageHeaders(origin: string, embedders: readonly string[]): Record<string, string> {
  return {
    ...COMMON_HEADERS,
    "content-type": "text/html; charset=UTF-8",
    "content-security-policy": contentSecurityPolicy(origin, embedders),
    "integrity-policy": "blocked-destinations=(script)",
    "permissions-policy":
      "accelerometer=(), camera=(), clipboard-read=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex",
    vary: "Accept-Language",
  };
}

export function fileHeaders(contentType: string): Record<string, string> {
  return { ...COMMON_HEADERS, "content-type": contentType, "cross-origin-resource-policy": "same-origin" };
}
