import { useEffect, useState } from 'react'
import type { Cancel } from '../../base/clock.ts'
import type { TokenAnswer } from '../../protocol/rest-answers.ts'
import { pageClock } from '../page-clock-node.ts'
import { callRest } from './rest-client-node.ts'
import { keepStaffToken } from './staff-session-node.ts'

// Before the shortest token ends.
const RENEW_MS = 4 * 60_000

/** A token that stays good for as long as the page is open: it is exchanged for another one before it ends. */
export function useFreshToken(given: string): string {
  const [fresh, setFresh] = useState(given)
  useEffect(() => {
    let current = given
    let stopped = false
    let cancel: Cancel = () => {}
    const renew = async () => {
      const result = await callRest<TokenAnswer>('/api/tokens/refresh', undefined, { token: current })
      if (stopped) return
      if (result.kind === 'ok') {
        current = result.answer.token
        keepStaffToken(current)
        setFresh(current)
      }
      cancel = pageClock.after(RENEW_MS, () => void renew())
    }
    setFresh(given)
    cancel = pageClock.after(RENEW_MS, () => void renew())
    return () => {
      stopped = true
      cancel()
    }
  }, [given])
  return fresh
}
