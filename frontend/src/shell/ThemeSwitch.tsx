import { ActionIcon, type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { Icon } from "./icons";

const NEXT: Record<MantineColorScheme, MantineColorScheme> = {
  auto: "light",
  light: "dark",
  dark: "auto",
};
const ICONS = { auto: "device", light: "sun", dark: "moon" } as const;
const WORDS: Record<MantineColorScheme, string> = {
  auto: "as the device",
  light: "light",
  dark: "dark",
};

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = `Theme: ${WORDS[colorScheme]}. Change to ${WORDS[NEXT[colorScheme]]}`;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    >
      <Icon name={ICONS[colorScheme]} />
    </ActionIcon>
  );
}
