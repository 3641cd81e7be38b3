import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

/** Name and password, and the way to the provider where there is one. */
export function PasswordForm(props: {
  passwords: boolean
  provider?: { readonly title: string; readonly href: string }
  /** Resolves with why not, where somebody is not let in. */
  onSubmit: (name: string, password: string) => Promise<string | undefined>
}) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [reason, setReason] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || name.trim() === '' || password === '') return
    setBusy(true)
    const refused = await props.onSubmit(name.trim(), password)
    setBusy(false)
    setReason(refused)
    if (refused !== undefined) setPassword('')
  }
  return (
    <form className="sign-in" onSubmit={submit}>
      <h2>Sign in</h2>
      {props.passwords && (
        <>
          <TextInput
            label="Name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={name}
            autoFocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <p className="sign-in-reason" role="alert">
            {reason}
          </p>
          <Button type="submit" loading={busy} disabled={name.trim() === '' || password === ''}>
            Sign in
          </Button>
        </>
      )}
      {props.provider && (
        <Button component="a" href={props.provider.href} {...(props.passwords && { variant: 'default' })}>
          {props.provider.title}
        </Button>
      )}
    </form>
  )
}
