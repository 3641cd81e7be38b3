import { useCallback, useEffect, useState } from 'react'
import type { SessionAnswer } from '../../protocol/account-answers.ts'
import type { ConfigInvalidAnswer } from '../../protocol/config-answers.ts'
import type { SetUpActAnswer, SetUpAnswer } from '../../protocol/set-up-answers.ts'
import { callRest, type RestResult } from '../console/rest-client-node.ts'
import { forgetStaffToken, keepStaffToken, takeStaffToken } from '../console/staff-session-node.ts'
import { isTokenOver, tellsNothing } from '../console/with-staff-token.tsx'
import { forgetSetUpLink, takeSetUpLink } from './set-up-session-node.ts'

/** How far somebody is. */
export type Stand =
  | { readonly kind: 'asking' }
  | { readonly kind: 'unreachable' }
  /** Neither a link nor a session opens the set-up. */
  | { readonly kind: 'outside'; readonly reason: string }
  | { readonly kind: 'in'; readonly answer: SetUpAnswer; readonly bearer: string }

/** What became of a step: how it stands now, or why it was refused, in a sentence. */
export type Taken =
  | { readonly kind: 'step'; readonly answer: SetUpActAnswer }
  | { readonly kind: 'refused'; readonly reason: string }

export interface SetUp {
  readonly stand: Stand
  again(): void
  take(step: string, body: object): Promise<Taken>
  /** Makes the first account and goes on as it; answers why not. */
  makeAccount(account: { name: string; displayName: string; password: string }): Promise<string | undefined>
}

// A mail server may take its time before it refuses, a password on a busy machine before it is hashed.
const PATIENCE_MS = 30_000
const NO_ANSWER = 'The server does not answer. Try again in a moment.'

/** The set-up as this tab may see it: by its link, by the token of the tab, or by the browser's session. */
export function useSetUp(): SetUp {
  const [stand, setStand] = useState<Stand>({ kind: 'asking' })
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again when somebody says so
  useEffect(() => {
    let stopped = false
    void lookAround().then((found) => {
      if (!stopped) setStand(found)
    })
    return () => {
      stopped = true
    }
  }, [asked])
  const again = useCallback(() => setAsked((count) => count + 1), [])

  return {
    stand,
    again,
    async take(step, body) {
      const bearer = stand.kind === 'in' ? stand.bearer : undefined
      const result = await callRest<SetUpActAnswer>(`/api/set-up/${step}`, bearer, body, PATIENCE_MS)
      // Somebody else made the first account meanwhile: the link opens nothing any more, and the page says how to go on.
      if (result.kind === 'ok' || (result.kind === 'refused' && isTokenOver(result.refusal))) again()
      if (result.kind !== 'ok') return { kind: 'refused', reason: reasonOf(result) }
      return { kind: 'step', answer: result.answer }
    },
    async makeAccount(account) {
      const link = stand.kind === 'in' ? stand.bearer : ''
      const result = await callRest<SessionAnswer>('/api/session/set-up', undefined, { link, ...account }, PATIENCE_MS)
      if (result.kind !== 'ok') return reasonOf(result)
      forgetSetUpLink()
      keepStaffToken(result.answer.token)
      again()
      return undefined
    },
  }
}

async function lookAround(): Promise<Stand> {
  const link = takeSetUpLink()
  const byLink = link === undefined ? undefined : await standBy(link)
  if (byLink && byLink.kind !== 'outside') return byLink
  forgetSetUpLink()
  const token = takeStaffToken()
  const byToken = token === undefined ? undefined : await standBy(token)
  if (byToken && byToken.kind !== 'outside') return byToken
  const session = await callRest<SessionAnswer>('/api/session/token', undefined, {})
  if (tellsNothing(session)) return { kind: 'unreachable' }
  if (session.kind === 'ok') {
    keepStaffToken(session.answer.token)
    const bySession = await standBy(session.answer.token)
    if (bySession.kind !== 'outside') return bySession
    return { kind: 'outside', reason: 'You are signed in, and your account may not change everything.' }
  }
  forgetStaffToken()
  if (link === undefined) return { kind: 'outside', reason: '' }
  return { kind: 'outside', reason: 'This link was used, is too old, or is none.' }
}

async function standBy(bearer: string): Promise<Stand> {
  const result = await callRest<SetUpAnswer>('/api/set-up', bearer, undefined, PATIENCE_MS)
  if (result.kind === 'ok') return { kind: 'in', answer: result.answer, bearer }
  // A store that is away for a moment makes no link void.
  if (result.kind !== 'refused' || tellsNothing(result)) return { kind: 'unreachable' }
  return { kind: 'outside', reason: result.refusal.message }
}

function reasonOf(result: Exclude<RestResult<unknown>, { kind: 'ok' }>): string {
  if (result.kind === 'unreachable') return NO_ANSWER
  const { faults } = result.refusal as Partial<ConfigInvalidAnswer>
  return faults?.map(({ sentence }) => sentence).join(' ') || result.refusal.message
}
