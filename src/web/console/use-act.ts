import { useState } from 'react'
import { useConsole } from './console-context.ts'
import type { RestResult } from './rest-client-node.ts'

/** One act at a time, and why the last one was not done. */
export interface Act {
  readonly busy: boolean
  readonly trouble: string | undefined
  readonly forget: () => void
  /** Posts, and answers what came back; nothing where it was not done. */
  readonly post: <Answer extends object>(path: string, body: object) => Promise<Answer | undefined>
  /** The same for an act of several calls. */
  readonly perform: <Answer extends object>(calls: () => Promise<RestResult<Answer>>) => Promise<Answer | undefined>
}

/** `words` tells refusals in other words than the node does, by their codes, where the page knows more. */
export function useAct(words: Readonly<Record<string, string>> = {}): Act {
  const { call } = useConsole()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()
  const perform: Act['perform'] = async (calls) => {
    if (busy) return undefined
    setBusy(true)
    setTrouble(undefined)
    const result = await calls()
    setBusy(false)
    if (result.kind === 'ok') return result.answer
    setTrouble(troubleOf(result, words))
    return undefined
  }
  return {
    busy,
    trouble,
    forget: () => setTrouble(undefined),
    post: <Answer extends object>(path: string, body: object) => perform(() => call<Answer>(path, body)),
    perform,
  }
}

/** Why something was not done, in a sentence. */
export function troubleOf(
  result: Exclude<RestResult<unknown>, { kind: 'ok' }>,
  words: Readonly<Record<string, string>> = {},
): string {
  if (result.kind === 'unreachable') return 'The node does not answer. Look whether it was done, then try again.'
  return words[result.refusal.code] ?? result.refusal.message
}
