import { expect, test } from "vitest";
import { readSignInSearch } from "./signIn";

test("it leads back to a path of this site", () => {
  expect(readSignInSearch({ next: "/results?status=matched", over: "true" })).toEqual({
    next: "/results?status=matched",
    over: true,
  });
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "/\t/evil.example",
  "//[",
  "https://evil.example",
  "javascript:alert(1)",
  "",
])("it never leads to another site: %j", (next) => {
  expect(readSignInSearch({ next })).toEqual({});
});
