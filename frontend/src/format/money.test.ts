import { describe, expect, it } from "vitest";
import {
  compactAmount,
  compactCount,
  formatAmount,
  formatMoney,
  isZero,
  minorUnits,
} from "./money";

describe("money", () => {
  it.each([
    ["1000.0000", "INR", "1,000.00"],
    ["1012.5000", "USD", "1,012.50"],
    ["0.0001", "EUR", "0.0001"],
    ["1000.0000", "JPY", "1,000"],
    ["1000.5000", "JPY", "1,000.5"],
    ["1.5000", "BHD", "1.500"],
    ["-12.5000", "INR", "-12.50"],
    ["7.1000", "", "7.10"],
    ["0.0000", "INR", "0.00"],
  ])("shows %s %s as %s", (amount, currency, shown) => {
    expect(formatAmount(amount, currency)).toBe(shown);
  });

  it("keeps every digit of an amount that no float could hold", () => {
    const amount = "1234567890123456789012345678901234.5678";
    expect(formatMoney(amount, "INR")).toBe(
      "1,234,567,890,123,456,789,012,345,678,901,234.5678 INR",
    );
  });

  it("shows what is no decimal as it stands", () => {
    expect(formatAmount("about ten", "INR")).toBe("about ten");
  });

  it.each([
    ["999.9900", "INR", "999.99"],
    ["1250.0000", "INR", "1.2k"],
    ["1999.0000", "INR", "1.9k"],
    ["1250000.0000", "INR", "1.2M"],
    ["-1250.0000", "INR", "-1.2k"],
    ["3400000000.0000", "INR", "3.4bn"],
  ])("shortens %s %s to %s", (amount, currency, shown) => {
    expect(compactAmount(amount, currency)).toBe(shown);
  });

  it("shortens counts from a thousand on", () => {
    expect([0, 999, 1200, 1_000_000].map(compactCount)).toEqual(["0", "999", "1.2k", "1M"]);
  });

  it("knows a currency's own decimals and takes two for a strange one", () => {
    expect(["INR", "JPY", "KWD", "", "?"].map(minorUnits)).toEqual([2, 0, 3, 2, 2]);
  });

  it("tells nothing from something", () => {
    expect([isZero("0.0000"), isZero("0.0001")]).toEqual([true, false]);
  });
});
