import { Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

export function PageTitle({ children, aside }: { children: ReactNode; aside?: ReactNode }) {
  return (
    <Group justify="space-between" gap="xs" mb="md">
      <Title order={1} size="h2">
        {children}
      </Title>
      {aside}
    </Group>
  );
}
