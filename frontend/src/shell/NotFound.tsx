import { AnchorLink } from "./links";
import { Notice } from "./Notice";

export function NotFound() {
  return (
    <Notice title="There is nothing at this address">
      The link may be old or cut short.{" "}
      <AnchorLink to="/" underline="always">
        Go to the overview
      </AnchorLink>
    </Notice>
  );
}
