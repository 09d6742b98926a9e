/** Characters of JSON that a part of an access file may have; the identity room takes twice as many. */
const PART = 256 * 1024;

/** Lists that together are the list, each small enough to be one part; none for an empty list. */
export function partsOf(list: readonly object[], most: number = PART): readonly (readonly object[])[] {
  const parts: object[][] = [];
  let size = 0;
  for (const each of list) {
    const length = JSON.stringify(each).length + 1;
    const last = parts.at(-1);
    if (last === undefined || size + length > most) {
      parts.push([each]);
      size = length;
    } else {
      last.push(each);
      size += length;
    }
  }
  return parts;
}
