import { Group, Text } from "@mantine/core";
import mark from "../mark.svg";

export function Brand() {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src={mark} alt="" width={28} height={28} />
      <Text span fw={700} size="lg">
        Reconsite
      </Text>
    </Group>
  );
}
