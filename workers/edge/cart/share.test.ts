import { expect, test } from "vitest";
import { Share } from "./share.ts";

test("a cart that scans as people do never costs a call to the limiter", () => {
  const share = new Share();
  for (let i = 0; i < 300; i++) expect(share.mustAsk("cart", i)).toBe(false);
  expect(share.mustAsk("cart", 301)).toBe(true);
  expect(share.mustAsk("other", 301)).toBe(false);
});

test("each minute begins anew", () => {
  const share = new Share();
  for (let i = 0; i < 301; i++) share.mustAsk("cart", 0);
  expect(share.mustAsk("cart", 59_999)).toBe(true);
  expect(share.mustAsk("cart", 60_000)).toBe(false);
});

test("more carts than are counted start the count again, and do not grow it", () => {
  const share = new Share();
  for (let i = 0; i < 301; i++) share.mustAsk("cart", 0);
  for (let i = 0; i < 5_001; i++) share.mustAsk(`cart-${i}`, 0);
  expect(share.mustAsk("cart", 0)).toBe(false);
});
