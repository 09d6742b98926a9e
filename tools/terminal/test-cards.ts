/** A card of a test bench. The numbers are the ones that processors publish for testing; none is anybody's. */
export interface TestCard {
  readonly pan: string;
  readonly exp: string;
  /** Four digits on American Express, three elsewhere. */
  readonly cvv: string;
}

export const TEST_CARDS = {
  visa: { pan: "4242424242424242", exp: "12/34", cvv: "123" },
  visaDebit: { pan: "4000056655665556", exp: "11/33", cvv: "321" },
  mastercard: { pan: "5555555555554444", exp: "10/32", cvv: "456" },
  mastercard2: { pan: "2223003122003222", exp: "09/31", cvv: "789" },
  amex: { pan: "378282246310005", exp: "08/33", cvv: "1234" },
  discover: { pan: "6011111111111117", exp: "07/34", cvv: "111" },
  diners: { pan: "3056930009020004", exp: "06/33", cvv: "222" },
  jcb: { pan: "3566002020360505", exp: "05/32", cvv: "333" },
  unionpay: { pan: "6200000000000005", exp: "04/34", cvv: "444" },
} as const satisfies Record<string, TestCard>;
