import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, useMatch, useRouter } from "@tanstack/react-router";
import { Unreachable } from "../api/problems";
import { Notice } from "./Notice";

/** What a page shows when it, or what it needs, fails: the rest of the screen stays. */
export function RouteError({ error }: ErrorComponentProps) {
  const framed = useMatch({ from: "/desk", shouldThrow: false })?.status === "success";
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  const title = error instanceof Unreachable ? "The server cannot be reached" : "This page failed";
  return (
    <Notice
      framed={framed}
      title={title}
      action={{
        label: "Try again",
        onClick: () => {
          reset();
          void router.invalidate();
        },
      }}
    >
      {error instanceof Unreachable
        ? "It may be restarting, or your network may be down."
        : String(error instanceof Error ? error.message : error)}
    </Notice>
  );
}
