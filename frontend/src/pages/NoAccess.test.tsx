import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { opened } from "../testing/opened";

test("whoever could not be signed out is told so", async () => {
  opened("/no-access", {});
  await userEvent.click(await screen.findByRole("button", { name: "Sign in as somebody else" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("You are still signed in.");
});

test("who has signed out can sign in as somebody else", async () => {
  opened("/no-access", { "DELETE /api/v1/session": () => new Response(null, { status: 204 }) });
  await userEvent.click(await screen.findByRole("button", { name: "Sign in as somebody else" }));
  expect(await screen.findByLabelText("User name")).toBeInTheDocument();
});
