/** Whether the session that was open has ended, told by any answer or by the live connection. */
type Listener = () => void

const listeners = new Set<Listener>()

export function sessionOver(): void {
  for (const listener of listeners) listener()
}

export function onSessionOver(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
