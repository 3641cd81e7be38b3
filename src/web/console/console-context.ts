import { createContext, use, useEffect } from 'react'
import type { RefusedAnswer } from '../../protocol/rest-answers.ts'
import type { May } from './navigation-facts.ts'
import type { RestResult } from './rest-client-node.ts'
import type { Guard } from './use-address.ts'
import { type Polled, usePoll } from './use-poll.ts'

/** What the shell gives to a page. */
export interface ConsoleContext {
  readonly token: string
  /** Whether the one who looks may use routes of this scope: a page hides what would be refused. */
  readonly may: May
  /** One sentence for a moment, read out too. */
  readonly tell: (sentence: string) => void
  /** Like `callRest`, in the name of who looks. Where the token is refused the shell asks to sign in again. */
  readonly call: <Answer>(path: string, body?: unknown) => Promise<RestResult<Answer>>
  /** Goes to another page of the console, for instance `configuration/queue/sales`, without loading anew. */
  readonly go: (path: string) => void
  /** What follows the page's own path in the address, cut at its slashes: `['queue', 'sales']`. */
  readonly rest: readonly string[]
  /** Has what is written asked before the browser leads elsewhere; see `Address`. */
  readonly guard: (guard: Guard) => () => void
  /** Where a refusal came by another way than `call`: signs out if it is about the token. */
  readonly heed: (refusal: RefusedAnswer) => void
}

export const Console = createContext<ConsoleContext | undefined>(undefined)

/** Only inside the shell. */
export function useConsole(): ConsoleContext {
  const context = use(Console)
  if (!context) throw new Error('a console page is shown outside the console')
  return context
}

/** `usePoll` in the name of who looks. */
export function usePolled<Answer>(path: string, intervalMs: number): Polled<Answer> {
  const { token, heed } = useConsole()
  const polled = usePoll<Answer>(path, token, intervalMs)
  const { refusal } = polled
  useEffect(() => {
    if (refusal) heed(refusal)
  }, [refusal, heed])
  return polled
}
