import { useEffect, useRef, useState } from 'react'
import type { Cancel } from '../../base/clock.ts'
import type { TokenAnswer } from '../../protocol/rest-answers.ts'
import { pageClock } from '../page-clock-node.ts'
import { callRest, type RestResult } from './rest-client-node.ts'
import { keepStaffToken } from './staff-session-node.ts'
import { claimsIn } from './token-facts.ts'

// Before the shortest token ends.
const RENEW_MS = 4 * 60_000

/**
 * A token that stays good for as long as the page is open: it is exchanged for another one before it ends. What says
 * nothing about its holder, such as an API key, is exchanged at once; `onRefused` tells why that cannot be.
 */
export function useFreshToken(given: string, onRefused: (reason: string) => void): string {
  const [fresh, setFresh] = useState({ given, token: given })
  const refused = useRef(onRefused)
  refused.current = onRefused
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
        setFresh({ given, token: current })
      }
      if (claimsIn(current) === undefined) refused.current(whyNot(result))
      else cancel = pageClock.after(RENEW_MS, () => void renew())
    }
    if (claimsIn(given) === undefined) void renew()
    else cancel = pageClock.after(RENEW_MS, () => void renew())
    return () => {
      stopped = true
      cancel()
    }
  }, [given])
  return fresh.given === given ? fresh.token : given
}

function whyNot(result: RestResult<TokenAnswer>): string {
  if (result.kind === 'refused') return result.refusal.message
  return result.kind === 'ok' ? 'This is not a token of staff.' : 'The server does not answer. Try again in a moment.'
}
