import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { opened } from "../testing/opened";

test("whoever could not be signed out is told so", async () => {
  opened("/dead-letters", {});
  await userEvent.click(await screen.findByRole("button", { name: "viewer" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText(/^You are still signed in\./)).toBeInTheDocument();
});
