import { Button, PasswordInput, SegmentedControl, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { CertificateImportAnswer } from '../../protocol/certificate-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { Faults } from './certificate-card.tsx'
import { certificateCount, endOf, nameIn, splitPem } from './certificates-facts.ts'
import { FileButton } from './file-button.tsx'
import { base64Of } from './file-bytes-node.ts'
import { SecretArea } from './secret-area.tsx'

const EMPTY = { kind: 'pem' as 'pem' | 'pfx', certificates: '', key: '', pfx: '', pfxName: '', passphrase: '' }
type Draft = typeof EMPTY

const KINDS = [
  { value: 'pem' as const, label: 'PEM' },
  { value: 'pfx' as const, label: 'PFX' },
]

/** Brings a certificate: it is judged first, and stored when what was found is agreed to. */
export function ImportForm(props: {
  /** An authority renews the present one. */
  renewed: boolean
  onStored: () => void
}) {
  const { tell } = useConsole()
  const [draft, setDraft] = useState<Draft>(EMPTY)
  const [found, setFound] = useState<CertificateImportAnswer>()
  const judging = useAct()
  const storing = useAct()
  const change = (more: Partial<Draft>) => {
    judging.forget()
    setDraft((before) => ({ ...before, ...more }))
  }

  const post = (act: typeof judging, dryRun: boolean) =>
    act.post<CertificateImportAnswer>('/api/certificate/import', { ...bodyOf(draft), dryRun })
  const judge = async (event: FormEvent) => {
    event.preventDefault()
    setFound(await post(judging, true))
  }
  const store = async () => {
    const stored = await post(storing, false)
    if (!stored) return
    setFound(undefined)
    // Nothing of a key stays in the page.
    setDraft(EMPTY)
    tell('It is stored. All nodes show it within two seconds.')
    props.onStored()
  }
  const close = () => {
    storing.forget()
    setFound(undefined)
  }
  const given = draft.kind === 'pem' ? draft.certificates !== '' : draft.pfx !== ''
  return (
    <form className="certificate-form" aria-label="Import a certificate" onSubmit={(event) => void judge(event)}>
      <SegmentedControl
        aria-label="What kind of file"
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        data={KINDS}
      />
      {draft.kind === 'pem' ? (
        <PemFields draft={draft} onChange={change} />
      ) : (
        <PfxFields draft={draft} onChange={change} />
      )}
      <PasswordInput
        label="Passphrase"
        description={
          draft.kind === 'pem' ? 'Where the private key is encrypted.' : 'Of the file; empty where it has none.'
        }
        autoComplete="off"
        value={draft.passphrase}
        onChange={(event) => change({ passphrase: event.currentTarget.value })}
      />
      <p className="certificate-trouble" role="alert">
        {judging.trouble}
      </p>
      <Button type="submit" loading={judging.busy} disabled={!given}>
        Check it
      </Button>
      <Question
        asked={
          found && {
            title: 'Show this one on all nodes?',
            body: <Found found={found} renewed={props.renewed} />,
            act: 'Show it',
            harmless: 'Not now',
            dangerous: true,
          }
        }
        busy={storing.busy}
        trouble={storing.trouble}
        onClose={close}
        onAct={() => void store()}
      />
    </form>
  )
}

function bodyOf({ kind, certificates, key, pfx, passphrase }: Draft): object {
  const secret = passphrase !== '' && { passphrase }
  if (kind === 'pfx') return { pfx, ...secret }
  return { pem: certificates, ...(key !== '' && { key }), ...secret }
}

type Fields = { draft: Draft; onChange: (more: Partial<Draft>) => void }

function PemFields({ draft, onChange }: Fields) {
  const take = (text: string) => {
    const { certificates, keys } = splitPem(text)
    onChange({ certificates, ...(keys !== '' && { key: keys }) })
  }
  const read = async (files: readonly File[]) => {
    const texts = await Promise.all(files.map((file) => file.text()))
    take([draft.certificates, ...texts].filter((text) => text !== '').join('\n'))
  }
  const count = certificateCount(draft.certificates)
  return (
    <>
      <div className="certificate-field">
        <Textarea
          label="Certificates"
          description="The server’s own and those that vouch for it, in any order. A private key among them is put into its own field."
          classNames={{ input: 'pem-area' }}
          rows={6}
          autoComplete="off"
          spellCheck={false}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={draft.certificates}
          onChange={(event) => {
            const { value } = event.currentTarget
            if (value.includes('PRIVATE KEY-----')) take(value)
            else onChange({ certificates: value })
          }}
        />
        <div className="certificate-field-foot">
          <FileButton
            label="From files"
            accept=".pem,.crt,.cer,.key,.txt"
            multiple
            onFiles={(files) => void read(files)}
          />
          <span role="status">{count > 0 && plural(count, 'certificate')}</span>
        </div>
      </div>
      <div className="certificate-field">
        <SecretArea
          label="Private key"
          description="It is not shown here, and nowhere later."
          value={draft.key}
          onChange={(key) => onChange({ key })}
        />
        <div className="certificate-field-foot">
          <FileButton
            label="Key from a file"
            accept=".pem,.key,.txt"
            onFiles={([file]) => void file?.text().then((key) => onChange({ key }))}
          />
          <span role="status">{draft.key !== '' && 'A key is there'}</span>
        </div>
      </div>
    </>
  )
}

function PfxFields({ draft, onChange }: Fields) {
  return (
    <div className="certificate-field">
      <p className="certificate-label">PFX file</p>
      <p className="certificate-description">Certificates and private key in one, as Windows exports them.</p>
      <div className="certificate-field-foot">
        <FileButton
          label="Choose a file"
          accept=".pfx,.p12"
          onFiles={([file]) => file && void base64Of(file).then((pfx) => onChange({ pfx, pfxName: file.name }))}
        />
        <span role="status">{draft.pfxName}</span>
      </div>
    </div>
  )
}

/** What was judged, before it is stored. */
function Found({ found: { certificate, notes }, renewed }: { found: CertificateImportAnswer; renewed: boolean }) {
  return (
    <>
      <p>
        <strong>{certificate.names.join(', ')}</strong>, issued by <strong>{nameIn(certificate.issuer)}</strong>,{' '}
        {endOf(certificate).text.toLowerCase()}.
      </p>
      <Faults sentences={certificate.faults} />
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <p>
        New connections see it within two seconds; open ones are not touched.
        {renewed && ' The authority is not asked for renewals any more.'}
      </p>
    </>
  )
}
