import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { signOut } from "../api/generated";
import { leave } from "../shell/leaving";
import { Notice } from "../shell/Notice";

export function NoAccessPage() {
  const client = useQueryClient();
  const router = useRouter();
  const leaving = useMutation({
    mutationFn: () => signOut(),
    onSuccess: () => leave(client, router, false),
  });
  return (
    <Notice
      title="Your account has no role here"
      action={{ label: "Sign in as somebody else", onClick: () => leaving.mutate() }}
    >
      You are signed in, but nobody has given you a role yet. Ask an administrator for one.
      {leaving.error && <p role="alert">You are still signed in. {leaving.error.message}</p>}
    </Notice>
  );
}
