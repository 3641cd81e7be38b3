import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import type { Cancel } from '../../base/clock.ts'
import type { SessionAnswer } from '../../protocol/account-answers.ts'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import { pageClock } from '../page-clock-node.ts'
import { ConsoleFrame, SignOut } from './console-frame.tsx'
import { callRest, type RestResult } from './rest-client-node.ts'
import { forgetStaffToken, keepStaffToken, takeStaffToken } from './staff-session-node.ts'

type Entrance =
  | { readonly kind: 'in'; readonly token: string; readonly sinceMs: number }
  /** The browser may have a session, which gives tokens. Who had one already keeps the page that he was at. */
  | { readonly kind: 'asking'; readonly reason?: string; readonly token?: string }
  | { readonly kind: 'outside'; readonly reason?: string }

// A token of the session that was refused at once would be refused again.
const FRESH_MS = 10_000
const AGAIN_MS = 1_000

/**
 * Shows what needs a token once there is one: from the address or this tab, else from the browser's session, else it
 * asks for it. `signOut` comes back here, with a reason.
 */
export function WithStaffToken(props: {
  name: string
  /** Where a token comes from. */
  hint: ReactNode
  children: (token: string, signOut: (reason: string) => void) => ReactNode
}) {
  const [entrance, setEntrance] = useState<Entrance>(() => {
    const token = takeStaffToken()
    return token === undefined ? { kind: 'asking' } : { kind: 'in', token, sinceMs: Number.NEGATIVE_INFINITY }
  })
  useEffect(() => {
    if (entrance.kind !== 'asking') return
    let stopped = false
    let cancel: Cancel = () => {}
    void callRest<SessionAnswer>('/api/session/token', undefined, {}).then((result) => {
      if (stopped) return
      if (result.kind === 'ok') {
        keepStaffToken(result.answer.token)
        setEntrance({ kind: 'in', token: result.answer.token, sinceMs: pageClock.monotonicMs() })
      } else if (entrance.token !== undefined && tellsNothing(result)) {
        // The session may be as good as ever; whoever works here keeps the page until that is known.
        cancel = pageClock.after(AGAIN_MS, () => setEntrance({ ...entrance }))
      } else {
        forgetStaffToken()
        setEntrance({ kind: 'outside', ...(entrance.reason !== undefined && { reason: entrance.reason }) })
      }
    })
    return () => {
      stopped = true
      cancel()
    }
  }, [entrance])
  const token = entrance.kind === 'outside' ? undefined : entrance.token
  if (token !== undefined) {
    const signOut = (reason: string) => {
      forgetStaffToken()
      const nowMs = pageClock.monotonicMs()
      // Several calls may be refused at once: one asks. What is refused late says nothing of a token that came since.
      setEntrance((before) => {
        if (before.kind !== 'in' || before.token !== token) return before
        const fresh = nowMs - before.sinceMs < FRESH_MS
        return fresh ? { kind: 'outside', reason } : { kind: 'asking', reason, token: before.token }
      })
    }
    const leave = async () => {
      const result = await callRest('/api/session/end', undefined, {})
      forgetStaffToken()
      // Without a session there was nothing to end.
      const ended = result.kind === 'ok' || (result.kind === 'refused' && isTokenOver(result.refusal))
      setEntrance({
        kind: 'outside',
        ...(!ended && { reason: 'The server did not answer: your session is still open.' }),
      })
    }
    return <SignOut value={() => void leave()}>{props.children(token, signOut)}</SignOut>
  }
  return (
    <ConsoleFrame name={props.name}>
      {entrance.kind === 'outside' && (
        <SignIn
          reason={entrance.reason}
          hint={props.hint}
          onToken={(token) => {
            keepStaffToken(token)
            setEntrance({ kind: 'in', token, sinceMs: Number.NEGATIVE_INFINITY })
          }}
        />
      )}
    </ConsoleFrame>
  )
}

/** Whether a refusal is about the token itself: another one is needed. */
export function isTokenOver(refusal: RefusedAnswer): boolean {
  return ['token-missing', 'token-invalid', 'token-expired', 'session-ended'].includes(refusal.code)
}

/** Whether a result says nothing of who asked: no answer, or one of a node that could not look now. */
export function tellsNothing(result: RestResult<unknown>): boolean {
  return result.kind === 'unreachable' || (result.kind === 'refused' && !result.refusal.definite)
}

/** Goes back to signing in when the token is refused, or is not enough for the page. */
export function useSignOut(refusal: RefusedAnswer | undefined, signOut: (reason: string) => void): void {
  const over = refusal && (isTokenOver(refusal) || refusal.code === 'not-allowed')
  const reason = over ? refusal.message : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new closure is no reason to sign out again
  useEffect(() => {
    if (reason !== undefined) signOut(reason)
  }, [reason])
}

function SignIn(props: { reason: string | undefined; hint: ReactNode; onToken: (token: string) => void }) {
  const [typed, setTyped] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed.trim() !== '') props.onToken(typed.trim())
  }
  return (
    <form className="sign-in" onSubmit={submit}>
      <h2>Sign in</h2>
      <Button component="a" href={`/sign-in?${new URLSearchParams({ to: location.pathname + location.search })}`}>
        With your account
      </Button>
      <p>{props.hint}</p>
      <PasswordInput
        label="Token"
        value={typed}
        autoFocus
        error={props.reason}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={typed.trim() === ''}>
        Sign in
      </Button>
    </form>
  )
}
