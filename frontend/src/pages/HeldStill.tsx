import { type FocusEvent, type ReactNode, useState } from "react";

interface HeldStillProps<T> {
  value: T;
  children: (value: T) => ReactNode;
}

/** Shows the value live, but the one that was there while it is pointed at or has the focus. */
export function HeldStill<T>({ value, children }: HeldStillProps<T>) {
  const [held, setHeld] = useState<{ value: T } | null>(null);
  const hold = () => setHeld((before) => before ?? { value });
  const release = () => setHeld(null);
  const blur = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) release();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it does nothing, it only stops doing
    <div onMouseEnter={hold} onMouseLeave={release} onFocus={hold} onBlur={blur}>
      {children(held ? held.value : value)}
    </div>
  );
}
