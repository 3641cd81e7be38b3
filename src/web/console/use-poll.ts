import { useCallback, useEffect, useRef, useState } from 'react'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import { pageClock } from '../page-clock-node.ts'
import { callRest, type RestResult } from './rest-client-node.ts'

/** The latest good answer, and whether later questions stayed without one. */
export interface Polled<Answer> {
  readonly answer?: Answer
  readonly refusal?: RefusedAnswer
  /** The node has not answered for a while; `answer` is from before. */
  readonly stale: boolean
  /** Asks now instead of at the next turn. */
  readonly again: () => void
}

interface Judged<Answer> {
  readonly answer?: Answer
  /** Says nothing about the token that came after the one that was refused. */
  readonly refused?: { readonly refusal: RefusedAnswer; readonly token: string }
  readonly stale: boolean
}

// One lost answer is not news.
const MISSED_MAX = 2

/** Asks a path again and again while the page is shown, one question at a time. */
export function usePoll<Answer>(path: string, token: string, intervalMs: number): Polled<Answer> {
  const [polled, setPolled] = useState<Judged<Answer>>({ stale: false })
  const askRef = useRef<() => void>(() => {})
  const again = useCallback(() => askRef.current(), [])
  useEffect(() => {
    let stopped = false
    let asking = false
    let askedMeanwhile = false
    let missed = 0
    let cancel = () => {}
    const ask = async () => {
      // The answer that is on its way may be of before.
      if (asking) askedMeanwhile = true
      if (asking || stopped) return
      cancel()
      asking = true
      const result = await callRest<Answer>(path, token)
      asking = false
      if (stopped) return
      missed = result.kind === 'unreachable' ? missed + 1 : 0
      setPolled((before) => judge(before, result, missed, token))
      const waitMs = document.hidden ? intervalMs * 5 : intervalMs
      cancel = pageClock.after(askedMeanwhile ? 0 : waitMs, ask)
      askedMeanwhile = false
    }
    askRef.current = ask
    document.addEventListener('visibilitychange', ask)
    void ask()
    return () => {
      stopped = true
      cancel()
      document.removeEventListener('visibilitychange', ask)
    }
  }, [path, token, intervalMs])
  const { answer, refused, stale } = polled
  const refusal = refused?.token === token ? refused.refusal : undefined
  return { ...(answer !== undefined && { answer }), ...(refusal && { refusal }), stale, again }
}

function judge<Answer>(
  before: Judged<Answer>,
  result: RestResult<Answer>,
  missed: number,
  token: string,
): Judged<Answer> {
  if (result.kind === 'ok') return { answer: result.answer, stale: false }
  if (result.kind === 'refused') return { ...before, refused: { refusal: result.refusal, token }, stale: false }
  const stale = missed >= MISSED_MAX
  return before.stale === stale ? before : { ...before, stale }
}
