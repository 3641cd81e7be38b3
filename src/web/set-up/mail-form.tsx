import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { SetUpAnswer } from '../../protocol/set-up-answers.ts'
import { TroubleNote } from './trouble-note.tsx'
import type { Taken } from './use-set-up.ts'
import { useStepForm } from './use-step-form.ts'

/** The mail server, and a mail to whoever sets it up. */
export function MailForm(props: { present: SetUpAnswer['present']; take: (body: object) => Promise<Taken> }) {
  const { mailServer, mailFrom, mailPassword } = props.present
  const [server, setServer] = useState(mailServer)
  const [from, setFrom] = useState(mailFrom)
  const [password, setPassword] = useState('')
  const [to, setTo] = useState('')
  const { busy, trouble, submit } = useStepForm(() =>
    props.take({
      server: server.trim(),
      from: from.trim(),
      to: to.trim(),
      ...(password !== '' && { password }),
    }),
  )
  const complete = [server, from, to].every((each) => each.trim() !== '')
  return (
    <form className="step-form" onSubmit={submit}>
      <TextInput
        label="Mail server"
        description="smtp:// or smtps://, with the user before the host."
        placeholder="smtp://holdfast@mail.example.com:587"
        autoCapitalize="none"
        spellCheck={false}
        value={server}
        onChange={(event) => setServer(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password of that user"
        description={
          mailPassword
            ? 'One is in the vault; leave this empty to keep it.'
            : 'It goes into the vault of secrets, and nobody is shown it again.'
        }
        autoComplete="off"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div className="step-pair">
        <TextInput
          label="Sender"
          description="Stands in every mail as its sender."
          placeholder="chat@example.com"
          type="email"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          label="Your address"
          description="You are sent the test mail."
          placeholder="you@example.com"
          type="email"
          autoComplete="email"
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      <TroubleNote trouble={trouble} />
      <div className="step-acts">
        <Button type="submit" loading={busy} disabled={!complete}>
          Send a test mail
        </Button>
      </div>
    </form>
  )
}
