type Listener = () => void;

const listeners = new Set<Listener>();

/** Any answer, and the live connection, may be the first to learn that nobody is signed in. */
export function tellSessionOver(): void {
  for (const listener of listeners) listener();
}

export function onSessionOver(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
