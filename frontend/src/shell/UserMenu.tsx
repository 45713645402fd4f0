import { Button, Menu, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type Me, signOut } from "../api/generated";
import { Icon } from "./icons";
import { leave } from "./leaving";

export function UserMenu({ me }: { me: Me }) {
  const client = useQueryClient();
  const router = useRouter();
  const leaving = useMutation({
    mutationFn: () => signOut(),
    onSuccess: () => leave(client, router, false),
  });
  return (
    <Menu position="bottom-end" width={240} withinPortal>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          px="xs"
          rightSection={<Icon name="down" size={14} />}
          loading={leaving.isPending}
        >
          {me.username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)">
            {me.name}
          </Text>
          Roles: {me.roles.join(", ")}
        </Menu.Label>
        <Menu.Divider />
        {me.staff && (
          <Menu.Item component="a" href="/admin/">
            Administration
          </Menu.Item>
        )}
        <Menu.Item component="a" href="/api/docs/">
          API
        </Menu.Item>
        <Menu.Item closeMenuOnClick={false} onClick={() => leaving.mutate()}>
          Sign out
        </Menu.Item>
        {leaving.error && (
          <Text role="alert" size="sm" px="sm" pb="xs">
            You are still signed in. {leaving.error.message}
          </Text>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
