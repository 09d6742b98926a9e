/** Twelve months, three of them at hand (PCI DSS 10.5.1), and one more so that no reading of "twelve" falls short. */
export const KEPT_MONTHS = 13;

/** The moment `months` calendar months before, in UTC; a day that the earlier month lacks is its last. */
export function monthsBefore(now: number, months: number): number {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay));
  return midnight + (now - Date.UTC(year, date.getUTCMonth(), date.getUTCDate()));
}
