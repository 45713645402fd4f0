import { Button, Container, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface NoticeProps {
  title: string;
  children: ReactNode;
  action?: { label: string; onClick: () => void };
  /** Inside of a page's frame it is a part of its main content, else it is that itself. */
  framed?: boolean;
}

/** A whole page that says one thing. */
export function Notice({ title, children, action, framed = false }: NoticeProps) {
  return (
    <Container component={framed ? "div" : "main"} size="xs" py="15vh">
      <Stack align="flex-start">
        <Title order={1} size="h2">
          {title}
        </Title>
        <Text component="div" c="dimmed">
          {children}
        </Text>
        {action && <Button onClick={action.onClick}>{action.label}</Button>}
      </Stack>
    </Container>
  );
}
