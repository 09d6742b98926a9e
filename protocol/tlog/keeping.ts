/** Twelve months, three of them at hand (PCI DSS 10.5.1), and one more so that no reading of "twelve" falls short. */
export const KEPT_MONTHS = 13;

/** How long a bucket's lock holds what a log put there, in days: thirteen months at their longest (PCI-LOG-05). */
export const LOCKED_DAYS = 397;
/** A bundle is put after its entries were made: at once, or as much later as the bucket was away. */
const MARGIN_DAYS = 3;

/** Entries made before may be pruned at `now`, both in ms since the epoch: they are old enough and no lock holds them. */
export function prunableBefore(now: number): number {
  return Math.min(monthsBefore(now, KEPT_MONTHS), now - (LOCKED_DAYS + MARGIN_DAYS) * 86_400_000);
}

/** The moment `months` calendar months before, in UTC; a day that the earlier month lacks is its last. */
export function monthsBefore(now: number, months: number): number {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay));
  return midnight + (now - Date.UTC(year, date.getUTCMonth(), date.getUTCDate()));
}
