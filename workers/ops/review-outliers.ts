/** Weeks that a count is compared with, and how few are enough to say anything. */
export const BASELINE_WEEKS = 8;
export const LEAST_BASELINE = 4;

/** Modified z-score beyond which a count is an outlier (Iglewicz and Hoaglin, 1993: 3.5). */
const LIMIT = 3.5;
/** 0.6745 is the 0.75 quantile of the standard normal: it makes the score comparable to a plain z. */
const BY_MEDIAN = 0.6745;
/** The same for the mean absolute deviation, which stands in when more than half of the weeks are equal. */
const BY_MEAN = 1.253314;
/** Joins above the median below which nobody needs to look, however steady the weeks before were. */
const LEAST_RISE = 10;

export interface JoinCount {
  readonly caller: string;
  readonly purpose: string;
  readonly joins: number;
}

export interface Outlier extends JoinCount {
  readonly median: number;
  /** Two decimals; null where the weeks before were all alike, so that nothing measures the distance. */
  readonly score: number | null;
}

/**
 * Which counts of a week are out of line with the same caller's and purpose's in the weeks before: modified z-score
 * above 3.5 and at least 10 joins above the median. Only rises: a week with fewer joins shows nobody more.
 * @param before one list a week; a pair that a week does not name had none
 */
export function outliersOf(week: readonly JoinCount[], before: readonly (readonly JoinCount[])[]): readonly Outlier[] {
  if (before.length < LEAST_BASELINE) return [];
  return week.flatMap((count) => {
    const history = before.map((each) => each.find((other) => sameDoor(other, count))?.joins ?? 0);
    const middle = medianOf(history);
    if (count.joins - middle < LEAST_RISE) return [];
    const score = scoreOf(count.joins, history, middle);
    if (score !== null && score <= LIMIT) return [];
    return [{ ...count, median: middle, score: score === null ? null : Math.round(score * 100) / 100 }];
  });
}

function scoreOf(value: number, history: readonly number[], middle: number): number | null {
  const distances = history.map((each) => Math.abs(each - middle));
  const median = medianOf(distances);
  if (median > 0) return (BY_MEDIAN * (value - middle)) / median;
  const mean = distances.reduce((sum, each) => sum + each, 0) / distances.length;
  return mean > 0 ? (value - middle) / (BY_MEAN * mean) : null;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

function sameDoor(one: JoinCount, other: JoinCount): boolean {
  return one.caller === other.caller && one.purpose === other.purpose;
}
