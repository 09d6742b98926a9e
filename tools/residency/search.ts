import { placesIn } from "../pan-search/places.ts";
import { formsOf } from "./text-forms.ts";

/** A text of a person's that lies somewhere. The text itself is not repeated: reports are kept. */
export interface Find {
  readonly where: string;
  /** Which of the texts, from 0. */
  readonly text: number;
  readonly form: string;
}

export interface Searched {
  readonly finds: readonly Find[];
  readonly places: number;
  readonly bytes: number;
}

/** Searches every file below a folder, and every database value by value, for each text in every usual form. */
export function searchTexts(
  folder: string,
  texts: readonly string[],
  onPlace: (where: string) => void = () => {},
): Searched {
  const needles = texts.flatMap((text, index) => formsOf(text).map((form) => ({ ...form, index })));
  const finds = new Map<string, Find>();
  let places = 0;
  let bytes = 0;
  for (const place of placesIn(folder)) {
    onPlace(place.where);
    places += 1;
    bytes += place.bytes.length;
    for (const { index, form, bytes: needle } of needles)
      if (place.bytes.includes(needle))
        finds.set(`${place.where}|${index}`, {
          where: place.where,
          text: index,
          form: form.startsWith("UTF") ? form : "encoded",
        });
  }
  return { finds: [...finds.values()], places, bytes };
}
