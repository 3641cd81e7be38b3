import { useEffect } from 'react'

export interface DeskKeys {
  readonly step: (by: number) => void
  readonly toggleNote: () => void
  readonly leave: () => void
  readonly transfer: () => void
  readonly write: () => void
}

/** All together with Alt: letters alone belong to whoever writes, Ctrl to the browser. */
export const DESK_KEYS = [
  { keys: '↓ ↑', does: 'next and previous conversation' },
  { keys: 'R', does: 'write' },
  { keys: 'N', does: 'reply or internal note' },
  { keys: 'T', does: 'transfer' },
  { keys: 'X', does: 'close the tab' },
] as const

/** Keyboard shortcuts of the agent page. By place of the key (`code`): Alt changes the letter on some keyboards. */
export function useDeskKeys(acts: DeskKeys): void {
  useEffect(() => {
    const byCode: Readonly<Record<string, () => void>> = {
      ArrowDown: () => acts.step(1),
      ArrowUp: () => acts.step(-1),
      KeyR: acts.write,
      KeyN: acts.toggleNote,
      KeyT: acts.transfer,
      KeyX: acts.leave,
    }
    const onKey = (event: KeyboardEvent) => {
      const act = byCode[event.code]
      if (!act || !event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  })
}
