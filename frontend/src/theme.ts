import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

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

/** Of the dark scheme, text to ground, with a little blue in it. */
const dark: MantineColorsTuple = [
  "#d5dce1",
  "#b4bec5",
  "#8e9aa3",
  "#65717a",
  "#36414a",
  "#2a333b",
  "#1f262c",
  "#181e23",
  "#12171b",
  "#0d1114",
];

export const theme = createTheme({
  colors: { teal, dark },
  primaryColor: "teal",
  primaryShade: 7,
  autoContrast: true,
  respectReducedMotion: true,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  headings: { fontWeight: "650" },
});

/** Quiet text that can still be read by everybody: 4.5 to 1 on every ground it has. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#59636e",
    "--mantine-color-placeholder": "#66707a",
    "--mantine-color-red-light-color": "#a51d1d",
    "--mantine-color-yellow-light-color": "#7a4d00",
    "--page-ground": "#f6f8f9",
  },
  dark: {
    "--mantine-color-dimmed": "#a8b3bb",
    "--mantine-color-placeholder": "#98a4ad",
    "--page-ground": "#101418",
  },
});
