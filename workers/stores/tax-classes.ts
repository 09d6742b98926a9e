/** How goods are taxed, as keys that each store's tax engine knows. The platform gives them no rate. */
export const TAX_CLASSES = ["food", "standard", "alcohol"] as const;
export type TaxClass = (typeof TAX_CLASSES)[number];

export function isTaxClass(text: string): text is TaxClass {
  return (TAX_CLASSES as readonly string[]).includes(text);
}
