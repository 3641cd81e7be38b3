import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import type { SessionAnswer, SignInAnswer } from '../../protocol/account-answers.ts'
import { ConsoleFrame, showConsole } from '../console/console-frame.tsx'
import { callRest, type RestResult } from '../console/rest-client-node.ts'
import { keepStaffToken } from '../console/staff-session-node.ts'
import { destination, wantedPage } from './destination.ts'
import { PasswordForm } from './password-form.tsx'

type Ways = RestResult<SignInAnswer> | undefined

/** Signs somebody in, and goes on to the page that was wanted. */
function SignInPage(props: { to: string | null }) {
  const [ways, setWays] = useState<Ways>()
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again when somebody says so
  useEffect(() => {
    let stopped = false
    void callRest<SignInAnswer>('/api/sign-in').then((result) => {
      if (!stopped) setWays(result)
    })
    return () => {
      stopped = true
    }
  }, [asked])

  /** Answers why not, where somebody stays here. */
  const enter = async (path: string, body: object): Promise<string | undefined> => {
    const result = await callRest<SessionAnswer>(path, undefined, body)
    if (result.kind === 'refused') return result.refusal.message
    if (result.kind === 'unreachable') return 'The server does not answer. Try again in a moment.'
    keepStaffToken(result.answer.token)
    location.assign(destination(props.to, result.answer.scopes))
    return undefined
  }

  if (ways === undefined) return <Note>One moment.</Note>
  if (ways.kind !== 'ok')
    return (
      <Note>
        The server does not answer.
        <Button variant="subtle" onClick={() => setAsked(asked + 1)}>
          Try again
        </Button>
      </Note>
    )
  const { passwords, provider } = ways.answer
  return (
    <PasswordForm
      passwords={passwords}
      {...(provider && { provider: { title: provider.title, href: providerPath(provider.path, props.to) } })}
      onSubmit={(name, password) => enter('/api/session', { name, password })}
    />
  )
}

function Note(props: { children: ReactNode }) {
  return (
    <div className="sign-in" role="status">
      <h2>Sign in</h2>
      <p>{props.children}</p>
    </div>
  )
}

function providerPath(path: string, to: string | null): string {
  return to === null ? path : `${path}?${new URLSearchParams({ to })}`
}

showConsole(
  <ConsoleFrame name="Sign in">
    <SignInPage to={wantedPage(new URL(location.href))} />
  </ConsoleFrame>,
)
