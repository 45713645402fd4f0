import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "./url";

test("a repeated parameter is a list", () => {
  const search = { status: ["matched", "mismatched"], currency: "INR" };
  expect(stringifySearch(search)).toBe("?status=matched&status=mismatched&currency=INR");
  expect(parseSearch("?status=matched&status=mismatched&currency=INR")).toEqual(search);
});

test("what is not set is not in the address", () => {
  expect(stringifySearch({ status: undefined })).toBe("");
});

test("any character survives", () => {
  const search = { transaction_id: "a/b?c#d%25&e=+" };
  expect(parseSearch(stringifySearch(search))).toEqual(search);
});

test("digits stay text", () => {
  expect(parseSearch("?transaction_id=0012")).toEqual({ transaction_id: "0012" });
});
