import {
  Alert,
  Button,
  Center,
  Paper,
  PasswordInput,
  Stack,
  TextInput,
  Title,
} from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLoaderDeps, useRouter } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { type CredentialsRequest, getConfig, signIn } from "../api/generated";
import { ProblemError, Unreachable } from "../api/problems";
import { meQuery } from "../api/queries";
import { Brand } from "../shell/Brand";

/** Paths of the same site that the server itself shows. */
const SERVERS_OWN = /^\/(admin|api)\//;

export function SignInPage() {
  const { next = "/", over } = useLoaderDeps({ from: "/sign-in" });
  const router = useRouter();
  const client = useQueryClient();
  const signingIn = useMutation({
    mutationFn: async (credentials: CredentialsRequest) => {
      // Its answer brings the token that the next request must show.
      await getConfig();
      return await signIn(credentials);
    },
    onSuccess: (me) => {
      client.setQueryData(meQuery().queryKey, me);
      if (SERVERS_OWN.test(next)) window.location.assign(next);
      else router.history.push(next);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signingIn.mutate({
      username: String(form.get("username")),
      password: String(form.get("password")),
    });
  };
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={380} gap="lg">
        <Brand />
        {over && !signingIn.error && (
          <Alert color="yellow" title="Your session is over" role="status">
            Sign in again, and you come back to where you were.
          </Alert>
        )}
        {signingIn.error && (
          <Alert color="red" title={titleOf(signingIn.error)} role="alert">
            {adviceOf(signingIn.error)}
          </Alert>
        )}
        <Paper withBorder p="xl">
          <form onSubmit={submit}>
            <Stack>
              <Title order={1} size="h3">
                Sign in
              </Title>
              <TextInput
                name="username"
                label="User name"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                required
                withAsterisk={false}
                autoFocus
              />
              <PasswordInput
                name="password"
                label="Password"
                autoComplete="current-password"
                required
                withAsterisk={false}
              />
              <Button type="submit" loading={signingIn.isPending} fullWidth>
                Sign in
              </Button>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </Center>
  );
}

function titleOf(error: Error): string {
  if (error instanceof Unreachable) return "The server cannot be reached";
  if (error instanceof ProblemError && error.slug === "wrong-credentials") {
    return "The user name or the password is wrong";
  }
  return "You could not be signed in";
}

function adviceOf(error: Error): string {
  if (error instanceof Unreachable) return "It may be restarting, or your network may be down.";
  if (error instanceof ProblemError && error.slug === "wrong-credentials") {
    return "Check both, also whether Caps Lock is on.";
  }
  return error.message;
}
