import { Skeleton, Tabs } from '@mantine/core'
import type { CertificateAnswer } from '../../protocol/certificate-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { CertificateCard } from './certificate-card.tsx'
import './certificates-page.css'
import { ExportForm } from './export-form.tsx'
import { ImportForm } from './import-form.tsx'
import { IssueForm, IssueState } from './issue-form.tsx'
import { NodeCertificates } from './node-certificates.tsx'

const EVERY_MS = 3_000

/** The certificate that browsers see: what it is, who shows it, and how another one comes. */
export default function CertificatesPage() {
  const { may } = useConsole()
  const polled = usePolled<CertificateAnswer>('/api/certificate', EVERY_MS)
  const { answer, refusal, stale } = polled
  const trouble = refusal?.message ?? (stale ? 'This node does not answer; what you see is a moment old.' : undefined)
  return (
    <div className="certificates">
      {trouble !== undefined && <p className="certificates-trouble">{trouble}</p>}
      {!answer && !refusal && <Skeleton height={260} radius={14} />}
      {answer && (
        <div className="certificates-halves" data-acts={may('admin')}>
          <div className="certificates-present">
            {answer.certificate ? <CertificateCard row={answer.certificate} /> : <None mayAct={may('admin')} />}
            {answer.issue && <IssueState issue={answer.issue} certificate={answer.certificate} />}
            <NodeCertificates answer={answer} />
          </div>
          {may('admin') && <Acts answer={answer} again={polled.again} />}
        </div>
      )}
    </div>
  )
}

function Acts({ answer, again }: { answer: CertificateAnswer; again: () => void }) {
  const { certificate, issue } = answer
  const renewed = certificate?.source === 'issued'
  return (
    <section className="card certificate-acts" aria-label="Bring, have issued, take elsewhere">
      <Tabs defaultValue="import" keepMounted={false} color="var(--calm)">
        <Tabs.List grow>
          <Tabs.Tab value="import">Import</Tabs.Tab>
          <Tabs.Tab value="issue">{renewed ? 'Renew' : 'Have issued'}</Tabs.Tab>
          {certificate && <Tabs.Tab value="export">Export</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="import">
          <ImportForm renewed={renewed} onStored={again} />
        </Tabs.Panel>
        <Tabs.Panel value="issue">
          <IssueForm issue={issue} renewed={renewed} onAsked={again} />
        </Tabs.Panel>
        {certificate && (
          <Tabs.Panel value="export">
            <ExportForm row={certificate} />
          </Tabs.Panel>
        )}
      </Tabs>
    </section>
  )
}

function None({ mayAct }: { mayAct: boolean }) {
  return (
    <div className="card empty">
      <h2>There is no certificate yet</h2>
      <p>
        {mayAct
          ? 'Nodes that speak TLS make one of their own, of which browsers warn. Import a better one, or have one issued.'
          : 'An administrator imports one here, or has one issued.'}
      </p>
    </div>
  )
}
