import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { TroubleNote } from './trouble-note.tsx'

/** The first account, for whoever holds the link that a node printed. */
export function AccountForm(props: {
  /** Resolves with why not, where no account was made. */
  onSubmit: (account: { name: string; displayName: string; password: string }) => Promise<string | undefined>
}) {
  const [name, setName] = useState('')
  const [displayName, setDisplayName] = useState('')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [busy, setBusy] = useState(false)
  const [reason, setReason] = useState<string>()
  const differs = again !== '' && again !== password
  const complete = name.trim() !== '' && password !== '' && again === password
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || !complete) return
    setBusy(true)
    const account = name.trim().toLowerCase()
    const refused = await props.onSubmit({ name: account, displayName: displayName.trim() || account, password })
    setBusy(false)
    setReason(refused)
  }
  return (
    <form className="step-form" onSubmit={submit}>
      <TextInput
        label="Name"
        description="Small letters and digits; what you type to sign in."
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Shown as"
        name="name"
        autoComplete="name"
        value={displayName}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        description="Twelve characters at least."
        name="new-password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password again"
        name="new-password-again"
        autoComplete="new-password"
        value={again}
        error={differs ? 'It is not the same.' : undefined}
        onChange={(event) => setAgain(event.currentTarget.value)}
      />
      <TroubleNote trouble={reason === undefined ? undefined : { sentence: reason, remedy: '' }} />
      <div className="step-acts">
        <Button type="submit" loading={busy} disabled={!complete}>
          Make it and sign in
        </Button>
      </div>
    </form>
  )
}
