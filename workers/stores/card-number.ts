/**
 * Whether a text holds what may be a card number: 13 to 19 digits that pass the Luhn check, whatever stands between
 * them and in whatever script they are written (NFKC folds full-width digits and the like).
 */
export function holdsCardNumber(text: string): boolean {
  const folded = text.normalize("NFKC").replaceAll(/(?<=\p{Nd})[\s\p{Pd}._/·]{1,2}(?=\p{Nd})/gu, "");
  return [...folded.matchAll(/[0-9]+/g)].some(([run]) => run.length >= 13 && run.length <= 19 && luhn(run));
}

/** ISO/IEC 7812-1, annex B. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
