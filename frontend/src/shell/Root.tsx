import { VisuallyHidden } from "@mantine/core";
import { Outlet, useMatches } from "@tanstack/react-router";

/** Names the document, and tells the name to screen readers whenever it changes. */
export function Root() {
  const title = useMatches({
    select: (matches) => {
      const { staticData, params } = matches.at(-1) ?? {};
      const named = staticData?.title ?? "Not found";
      return typeof named === "string" ? named : named({ id: "", ...params });
    },
  });
  return (
    <>
      <title>{`${title} · Reconsite`}</title>
      <VisuallyHidden role="status">{title}</VisuallyHidden>
      <Outlet />
    </>
  );
}
