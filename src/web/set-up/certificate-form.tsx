import { Button, PasswordInput, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { certificateFileOf } from './set-up-facts.ts'
import { TroubleNote } from './trouble-note.tsx'
import type { Taken } from './use-set-up.ts'
import { useStepForm } from './use-step-form.ts'

type Way = 'import' | 'issue' | 'balancer'

const WAYS: readonly { value: Way; label: string }[] = [
  { value: 'import', label: 'Import' },
  { value: 'issue', label: 'Have one issued' },
  { value: 'balancer', label: 'A balancer does it' },
]

/** A certificate from files, from an authority, or none because a balancer has it. */
export function CertificateForm(props: { host: string; take: (body: object) => Promise<Taken> }) {
  const [way, setWay] = useState<Way>('import')
  return (
    <div className="step-form">
      <SegmentedControl
        aria-label="Where the certificate comes from"
        className="ways"
        fullWidth
        data={[...WAYS]}
        value={way}
        onChange={(value) => setWay(value as Way)}
      />
      {way === 'import' && <ImportForm take={props.take} />}
      {way === 'issue' && <IssueForm host={props.host} take={props.take} />}
      {way === 'balancer' && <BalancerForm take={props.take} />}
    </div>
  )
}

function ImportForm(props: { take: (body: object) => Promise<Taken> }) {
  const [files, setFiles] = useState<readonly File[]>([])
  const [passphrase, setPassphrase] = useState('')
  const { busy, trouble, submit } = useStepForm(async () => {
    const read = await bytesOf(files)
    if (!read) return { kind: 'refused', reason: 'The files cannot be read any more; choose them again.' }
    return props.take({ import: { ...certificateFileOf(read), ...(passphrase !== '' && { passphrase }) } })
  })
  return (
    <form className="step-form" onSubmit={submit}>
      <label className="file-field">
        <span className="file-label">Certificate and private key</span>
        <span className="file-hint">PEM files with chain and key, or one PFX file.</span>
        <input
          type="file"
          multiple
          accept=".pem,.crt,.cer,.key,.pfx,.p12"
          onChange={(event) => setFiles([...(event.currentTarget.files ?? [])])}
        />
      </label>
      <PasswordInput
        label="Passphrase"
        description="Only where the file has one. It is used once and not kept."
        autoComplete="off"
        value={passphrase}
        onChange={(event) => setPassphrase(event.currentTarget.value)}
      />
      <TroubleNote trouble={trouble} />
      <div className="step-acts">
        <Button type="submit" loading={busy} disabled={files.length === 0}>
          Import
        </Button>
      </div>
    </form>
  )
}

/** `undefined`: one was changed, moved or removed since it was chosen. */
async function bytesOf(files: readonly File[]): Promise<readonly { name: string; bytes: Uint8Array }[] | undefined> {
  try {
    return await Promise.all(
      files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    )
  } catch {
    return undefined
  }
}

function IssueForm(props: { host: string; take: (body: object) => Promise<Taken> }) {
  const [email, setEmail] = useState('')
  const [agreeTerms, setAgreeTerms] = useState(false)
  const { busy, trouble, submit } = useStepForm(() =>
    props.take({
      issue: { agreeTerms, ...(props.host !== '' && { names: [props.host] }), ...(email !== '' && { email }) },
    }),
  )
  return (
    <form className="step-form" onSubmit={submit}>
      <p className="step-hint">
        Let’s Encrypt issues a certificate{props.host === '' ? '' : ` for ${props.host}`}, and it is renewed in time. It
        must reach this cluster by plain HTTP on port 80 (the setting <code>redirectPort</code>).
      </p>
      <TextInput
        label="Your mail address"
        description="The authority writes to it when something concerns the account. May be empty."
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <label className="tick">
        <input type="checkbox" checked={agreeTerms} onChange={(event) => setAgreeTerms(event.currentTarget.checked)} />I
        have read the terms of Let’s Encrypt and agree to them.
      </label>
      <TroubleNote trouble={trouble} />
      <div className="step-acts">
        <Button type="submit" loading={busy} disabled={!agreeTerms}>
          Have it issued
        </Button>
      </div>
    </form>
  )
}

function BalancerForm(props: { take: (body: object) => Promise<Taken> }) {
  const { busy, trouble, submit } = useStepForm(() => props.take({ balancer: true }))
  return (
    <form className="step-form" onSubmit={submit}>
      <p className="step-hint">
        A balancer in front speaks HTTPS to people and has the certificate. It passes requests and WebSockets to the
        nodes: by HTTPS, or by plain HTTP where the way between is yours alone (<code>--allow-plain-http</code>). This
        node looks at the public address and tells what is shown there.
      </p>
      <TroubleNote trouble={trouble} />
      <div className="step-acts">
        <Button type="submit" loading={busy}>
          Yes, a balancer does it
        </Button>
      </div>
    </form>
  )
}
