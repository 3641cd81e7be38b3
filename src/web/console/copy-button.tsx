import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { pageClock } from '../page-clock-node.ts'

type State = 'ready' | 'copied' | 'refused'

const TOLD_MS = 4_000

const WORDS: Readonly<Record<State, string>> = { ready: 'Copy', copied: 'Copied', refused: 'Select it, then copy' }

/** Puts a text into the clipboard. A page without TLS may not, on another machine: then it says what to do instead. */
export function CopyButton(props: { text: string; label: string }) {
  const [state, setState] = useState<State>('ready')
  useEffect(() => (state === 'ready' ? undefined : pageClock.after(TOLD_MS, () => setState('ready'))), [state])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text)
      setState('copied')
    } catch {
      setState('refused')
    }
  }
  return (
    <>
      <Button variant="default" size="xs" aria-label={state === 'ready' ? props.label : undefined} onClick={copy}>
        {WORDS[state]}
      </Button>
      <span className="hidden-text" role="status">
        {state === 'ready' ? '' : WORDS[state]}
      </span>
    </>
  )
}
