import { formsOf, type Form } from "./forms.ts";
import { placesIn } from "./places.ts";

/** A form of a card number that lies somewhere. The number itself is never repeated. */
export interface Find {
  readonly where: string;
  readonly card: string;
  readonly form: string;
}

export interface Searched {
  readonly finds: readonly Find[];
  readonly places: number;
  readonly bytes: number;
  readonly forms: number;
}

/** Searches a folder for every form of every number. */
export function searchFolder(folder: string, pans: readonly string[], onPlace?: (where: string) => void): Searched {
  const forms = pans.flatMap(formsOf);
  const exact = forms.filter(({ needle }) => needle instanceof Buffer);
  const patterns = forms.filter(({ needle }) => needle instanceof RegExp);
  const found = new Map<string, Find>();
  let places = 0;
  let size = 0;
  for (const { where, bytes } of placesIn(folder)) {
    onPlace?.(where);
    places += 1;
    size += bytes.length;
    const text = bytes.toString("latin1");
    const hits = [
      ...exact.filter(({ needle }) => bytes.includes(needle as Buffer)),
      ...patterns.filter(({ needle }) => (needle as RegExp).test(text)),
    ];
    for (const { card, name } of hits) found.set(`${where}|${card}|${name}`, { where, card, form: name });
  }
  return { finds: [...found.values()], places, bytes: size, forms: forms.length };
}

/** Places of the simulated party outside, which a card number reaches by right: reported apart. */
export function isOutside({ where }: Find): boolean {
  return /(?:^|\/)world\//.test(where);
}

export type { Form };
