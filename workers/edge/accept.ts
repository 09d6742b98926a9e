/**
 * Content negotiation (RFC 9110, 12.5.1): the offered type with the highest quality, the earlier offer at a tie.
 * No header, or an empty one, accepts anything.
 * @returns undefined when none of the offers is acceptable.
 */
export function negotiate<T extends string>(accept: string | null, offers: readonly T[]): T | undefined {
  if (accept === null || accept.trim() === "") return offers[0];
  const ranges = accept.split(",").map(rangeOf);
  let best: { readonly offer: T; readonly quality: number } | undefined;
  for (const offer of offers) {
    const quality = qualityOf(offer, ranges);
    if (quality > (best?.quality ?? 0)) best = { offer, quality };
  }
  return best?.offer;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const quality = weight === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0;
  return { type, quality };
}

/** The most specific range decides, whatever the others say. */
function qualityOf(offer: string, ranges: readonly Range[]): number {
  for (const type of [offer, `${offer.split("/")[0]}/*`, "*/*"]) {
    const range = ranges.find((each) => each.type === type);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
