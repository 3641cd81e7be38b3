import {
  ActionIcon,
  Button,
  MantineProvider,
  PasswordInput,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { createContext, type FormEvent, type ReactNode, StrictMode, use, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import type { SessionAnswer } from '../../protocol/account-answers.ts'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import { pageClock } from '../page-clock-node.ts'
import { callRest } from './rest-client-node.ts'
import { forgetStaffToken, keepStaffToken, takeStaffToken } from './staff-session-node.ts'

/**
 * Puts a console page into the document. Colours and sizes come from style sheets, none from style elements made while
 * running, so that the content security policy needs no exception.
 */
export function showConsole(page: ReactNode): void {
  const root = document.getElementById('root')
  if (!root) throw new Error('the page has no #root')
  createRoot(root).render(
    <StrictMode>
      <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        {page}
      </MantineProvider>
    </StrictMode>,
  )
}

/** How somebody leaves who is in. */
const SignOut = createContext<(() => void) | undefined>(undefined)

/** The bar above every console page and the page below it. */
export function ConsoleFrame(props: { name: string; facts?: ReactNode; children: ReactNode }) {
  const signOut = use(SignOut)
  return (
    <div className="frame">
      <header className="bar">
        <img src="/holdfast.svg" alt="" width="28" height="28" />
        <h1>
          Holdfast <span>{props.name}</span>
        </h1>
        <div className="bar-facts">{props.facts}</div>
        <nav className="bar-links" aria-label="Pages">
          <a href="/" target="_blank" rel="noopener">
            Visitor page
          </a>
          {signOut && (
            <button type="button" onClick={signOut}>
              Sign out
            </button>
          )}
        </nav>
        <SchemeButton />
      </header>
      <main className="page">{props.children}</main>
    </div>
  )
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={dark ? SUN : MOON} />
      </svg>
    </ActionIcon>
  )
}

const MOON = 'M20 14.2A8 8 0 0 1 9.8 4a8 8 0 1 0 10.2 10.2Z'
const SUN =
  'M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3L19 19M5 19l1.7-1.7M17.3 6.7L19 5'

type Entrance =
  | { readonly kind: 'in'; readonly token: string; readonly sinceMs: number }
  /** The browser may have a session, which gives tokens. */
  | { readonly kind: 'asking'; readonly reason?: string }
  | { readonly kind: 'outside'; readonly reason?: string }

// A token of the session that was refused at once would be refused again.
const FRESH_MS = 10_000

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
    void callRest<SessionAnswer>('/api/session/token', undefined, {}).then((result) => {
      if (stopped) return
      if (result.kind === 'ok') {
        keepStaffToken(result.answer.token)
        setEntrance({ kind: 'in', token: result.answer.token, sinceMs: pageClock.monotonicMs() })
      } else setEntrance({ ...entrance, kind: 'outside' })
    })
    return () => {
      stopped = true
    }
  }, [entrance])
  if (entrance.kind === 'in') {
    const signOut = (reason: string) => {
      forgetStaffToken()
      const fresh = pageClock.monotonicMs() - entrance.sinceMs < FRESH_MS
      setEntrance({ kind: fresh ? 'outside' : 'asking', reason })
    }
    const leave = async () => {
      const result = await callRest('/api/session/end', undefined, {})
      forgetStaffToken()
      // Without a session there was nothing to end.
      const ended = result.kind === 'ok' || (result.kind === 'refused' && SIGNED_OUT.has(result.refusal.code))
      setEntrance({
        kind: 'outside',
        ...(!ended && { reason: 'The server did not answer: your session is still open.' }),
      })
    }
    return <SignOut value={() => void leave()}>{props.children(entrance.token, signOut)}</SignOut>
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

const SIGNED_OUT: ReadonlySet<string> = new Set([
  ...['token-missing', 'token-invalid', 'token-expired', 'session-ended', 'not-allowed'],
])

/** Goes back to signing in when the token is refused. */
export function useSignOut(refusal: RefusedAnswer | undefined, signOut: (reason: string) => void): void {
  const reason = refusal && SIGNED_OUT.has(refusal.code) ? refusal.message : undefined
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
      <Button component="a" href={`/sign-in?${new URLSearchParams({ to: location.pathname })}`}>
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
