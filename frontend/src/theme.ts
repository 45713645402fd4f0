import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** The brand's teal: dark enough from 7 on for white text and for text on white. */
const teal: MantineColorsTuple = [
  "#e6f7f9",
  "#d3edf1",
  "#a6dae2",
  "#75c6d2",
  "#4eb5c5",
  "#35abbd",
  "#1a93a6",
  "#0b7285",
  "#075f70",
  "#004c5b",
];

export const theme = createTheme({
  colors: { teal },
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  headings: { fontWeight: "650" },
});
