import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { ME, opened } from "../testing/opened";

const WRONG = {
  type: "urn:reconsite:problem:wrong-credentials",
  title: "Wrong",
  status: 401,
  detail: "",
};
const HEADERS = { "Content-Type": "application/problem+json" };

/** By the keyboard alone: the first field has the focus. */
async function signIn() {
  await screen.findByRole("button", { name: "Sign in" });
  await userEvent.keyboard("viewer{Tab}secret{Enter}");
}

test("it leads back to where one was", async () => {
  const { router } = opened("/sign-in?next=/dead-letters?replayed=true", {
    "POST /api/v1/session": () => Response.json(ME),
    "GET /api/v1/dead-letters": () => Response.json({ next: null, results: [] }),
  });
  await signIn();
  expect(await screen.findByText("None fits these filters.")).toBeInTheDocument();
  expect(router.state.location.href).toBe("/dead-letters?replayed=true");
});

test("a foreign address to come back to leads to the overview", async () => {
  const { router } = opened("/sign-in?next=//evil.example", {
    "POST /api/v1/session": () => Response.json(ME),
  });
  await signIn();
  expect(await screen.findByRole("heading", { name: "Overview" })).toBeInTheDocument();
  expect(router.state.location.href).toBe("/");
});

test("wrong credentials are told as such", async () => {
  opened("/sign-in", {
    "POST /api/v1/session": () => Response.json(WRONG, { status: 401, headers: HEADERS }),
  });
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent("the password is wrong");
});

test("a server that does not answer is told as such", async () => {
  opened("/sign-in", {});
  await signIn();
  expect(await screen.findByRole("alert")).toHaveTextContent("The server cannot be reached");
});
