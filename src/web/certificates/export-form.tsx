import { Button, PasswordInput, SegmentedControl } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { CertificateExportAnswer, CertificateRow } from '../../protocol/certificate-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { useAct } from '../console/use-act.ts'
import { bytesIn, saveFile } from './file-bytes-node.ts'

type Wanted = 'chain' | 'pem' | 'pfx'

const WANTED = [
  { value: 'chain' as const, label: 'Chain' },
  { value: 'pem' as const, label: 'Key, as PEM' },
  { value: 'pfx' as const, label: 'Key, as PFX' },
]

// The node takes no shorter one for what goes out.
const PASSPHRASE_MIN = 8

/** Takes the certificate elsewhere; the private key only under a passphrase. */
export function ExportForm({ row }: { row: CertificateRow }) {
  const { tell } = useConsole()
  const [wanted, setWanted] = useState<Wanted>('chain')
  const [passphrase, setPassphrase] = useState('')
  const { busy, trouble, forget, post } = useAct()
  const privateKey = wanted !== 'chain'
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const body = {
      format: wanted === 'pfx' ? 'pfx' : 'pem',
      privateKey,
      ...(privateKey && { passphrase }),
    }
    const answer = await post<CertificateExportAnswer>('/api/certificate/export', body)
    if (!answer) return
    setPassphrase('')
    const name = `${(row.names[0] ?? 'certificate').replaceAll('*', 'star').replaceAll(':', '-')}.${answer.format}`
    saveFile(name, answer.format === 'pfx' ? bytesIn(answer.content) : answer.content)
    tell(`${name} is on its way to your downloads.`)
  }
  return (
    <form className="certificate-form" aria-label="Export the certificate" onSubmit={(event) => void save(event)}>
      <SegmentedControl
        aria-label="What to export"
        value={wanted}
        onChange={(value) => {
          forget()
          setWanted(value)
        }}
        data={WANTED}
      />
      {privateKey ? (
        <PasswordInput
          label="Passphrase"
          description="It encrypts the private key that goes along (AES-256): eight characters at least. The audit trail tells of the export."
          autoComplete="new-password"
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
      ) : (
        <p className="certificate-description">The certificates alone, as PEM: what every client sees anyway.</p>
      )}
      <p className="certificate-trouble" role="alert">
        {trouble}
      </p>
      <Button type="submit" loading={busy} disabled={privateKey && passphrase.length < PASSPHRASE_MIN}>
        Save the file
      </Button>
    </form>
  )
}
