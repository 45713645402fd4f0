import { Anchor, type AnchorProps, Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

type Of<Props> = Props & Omit<ComponentPropsWithRef<"a">, keyof Props>;

/** Mantine's looks on the router's typed links. */
export const AnchorLink = createLink((props: Of<AnchorProps>) => <Anchor {...props} />);
export const ButtonLink = createLink((props: Of<ButtonProps>) => (
  <Button component="a" {...props} />
));
