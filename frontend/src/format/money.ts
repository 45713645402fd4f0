/** Amounts as people read them. They come as decimal text and never pass through a float. */

const DECIMAL = /^-?\d+(\.\d+)?$/;
/** Amounts are kept with four decimals. */
const KEPT_DECIMALS = 4;

const LETTERS: Record<string, string> = { K: "k", M: "M", B: "bn", T: "tn" };

const formats = new Map<string, Intl.NumberFormat>();
const compactFormat = new Intl.NumberFormat("en", {
  notation: "compact",
  minimumFractionDigits: 0,
  maximumFractionDigits: 1,
  roundingMode: "trunc",
});

export function isDecimal(text: string): text is Intl.StringNumericLiteral {
  return DECIMAL.test(text);
}

/** How many decimals the currency itself has; 2 where it is unknown, or none is told. */
export function minorUnits(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) {
    return 2;
  }
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.resolvedOptions().maximumFractionDigits ?? 2;
}

/** "1000.0000" in INR is "1,000.00"; more decimals than the currency has are shown if they count. */
export function formatAmount(amount: string, currency: string): string {
  return isDecimal(amount) ? formatOf(currency).format(amount) : amount;
}

export function formatMoney(amount: string, currency: string): string {
  return currency
    ? `${formatAmount(amount, currency)} ${currency}`
    : formatAmount(amount, currency);
}

/** "1250000.0000" is "1.2M", cut and not rounded up: a screen never claims more than there is. */
export function compactAmount(amount: string, currency: string): string {
  return isDecimal(amount) && wholeDigits(amount) > 3
    ? inLetters(compactFormat.formatToParts(amount))
    : formatAmount(amount, currency);
}

export function compactCount(count: number): string {
  return inLetters(compactFormat.formatToParts(count));
}

export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

export function isZero(amount: string): boolean {
  return isDecimal(amount) && !/[1-9]/.test(amount);
}

function formatOf(currency: string): Intl.NumberFormat {
  let format = formats.get(currency);
  if (!format) {
    format = new Intl.NumberFormat("en", {
      minimumFractionDigits: minorUnits(currency),
      maximumFractionDigits: KEPT_DECIMALS,
    });
    formats.set(currency, format);
  }
  return format;
}

function wholeDigits(amount: string): number {
  return amount.replace(/^-?0*/, "").split(".")[0]?.length ?? 0;
}

function inLetters(parts: Intl.NumberFormatPart[]): string {
  return parts
    .map((part) => (part.type === "compact" ? (LETTERS[part.value] ?? part.value) : part.value))
    .join("");
}
