import { Button, PasswordInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { PageSection } from '../console/page-section.tsx'
import { useAct } from '../console/use-act.ts'

const EMPTY = { current: '', next: '', again: '' }
const WORDS = { 'sign-in-failed': 'The present password is not right.' }

/** Another password, by the present one: a page that was left open is not enough. */
export function OwnPasswordForm(props: { account: AccountRow }) {
  const { id, name, password, provider } = props.account
  const { tell } = useConsole()
  const [draft, setDraft] = useState(EMPTY)
  const { busy, trouble, post } = useAct(WORDS)
  const { current, next, again } = draft
  const differs = again !== '' && again !== next
  const complete = current !== '' && next !== '' && again === next
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || !complete) return
    if (!(await post(`/api/accounts/${id}/password`, { current, password: next }))) return
    setDraft(EMPTY)
    tell('Your password is changed, and your other sessions are signed out.')
  }
  const field = (key: keyof typeof EMPTY) => ({
    value: draft[key],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      setDraft((before) => ({ ...before, [key]: value })),
  })
  return (
    <PageSection title="Password">
      {password ? (
        <form className="people-form thirds" onSubmit={submit}>
          {/* Password managers ask whose it is. */}
          <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
          <PasswordInput label="Present password" autoComplete="current-password" {...field('current')} />
          <PasswordInput
            label="New password"
            description="Twelve characters at least, and not your name."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            {...field('next')}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            error={differs ? 'It is not the same.' : undefined}
            {...field('again')}
          />
          <p className="people-trouble" role="alert">
            {trouble}
          </p>
          <div className="people-answers">
            <Button type="submit" loading={busy} disabled={!complete}>
              Change the password
            </Button>
          </div>
        </form>
      ) : (
        <p className="people-none">
          {provider
            ? 'You sign in by the provider; your password is changed there.'
            : 'There is none. An administrator can give you one.'}
        </p>
      )}
    </PageSection>
  )
}
