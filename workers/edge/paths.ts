import { ROUTES } from "./app/routes.ts";

/** A path template with the methods that it takes, e.g. `/v1/me/loyalty-cards/{id}`. */
export interface Place {
  readonly template: string;
  readonly methods: readonly string[];
  /** The methods whose body is read; of any other request it is not. */
  readonly withBody: readonly string[];
}

/** Pages of this origin besides the documented API. */
const PAGES = ["/", "/docs", "/openapi.json", "/favicon.svg", "/assets/site.css", "/r/receipt.css"];

const PLACES: readonly { readonly place: Place; readonly form: RegExp }[] = [
  // First, as the receipts' stylesheet lies where a reference could.
  ...PAGES.map((path) => [path, [{ method: "get" }]] as const),
  ...Map.groupBy(ROUTES, ({ path }) => path as string),
].map(([template, routes]) => ({
  place: {
    template,
    methods: routes.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])),
    withBody: routes.flatMap((route) =>
      "request" in route && "body" in route.request ? [route.method.toUpperCase()] : [],
    ),
  },
  form: new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{[a-z]+\}/g, "[^/]+")}$`),
}));

/** Where a path leads, whatever its parameters hold; undefined where there is nothing (RFC 9110: 404 before 405). */
export function placeOf(path: string): Place | undefined {
  return PLACES.find(({ form }) => form.test(path))?.place;
}

/** A route's name for records: no part of the request that is not ours. */
export function routeName(method: string, place: Place | undefined): string {
  if (place === undefined) return "elsewhere";
  return `${place.methods.includes(method) ? method : "other"} ${place.template}`;
}
