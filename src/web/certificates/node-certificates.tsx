import type { CertificateAnswer, NodeCertificateRow } from '../../protocol/certificate-answers.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { fingerprintText, nodesText, shownBy } from './certificates-facts.ts'

/** What each node shows to its clients. */
export function NodeCertificates({ answer }: { answer: CertificateAnswer }) {
  const { nodes, certificate } = answer
  const together = nodesText(answer)
  const columns: readonly Column<NodeCertificateRow>[] = [
    { key: 'node', head: 'Node', cell: ({ node }) => <strong>{node}</strong> },
    {
      key: 'shows',
      head: 'State',
      cell: (row) => {
        const { tone, text } = shownBy(row, certificate)
        return <span className={`node-shows tone-${tone}`}>{text}</span>
      },
    },
    {
      key: 'fingerprint',
      head: 'SHA-256',
      wide: true,
      cell: ({ fingerprint = '' }) => (
        <span className="short-fingerprint" title={fingerprintText(fingerprint)}>
          {fingerprint === '' ? '–' : fingerprintText(fingerprint).slice(0, 23)}
        </span>
      ),
    },
  ]
  return (
    <section className="card node-certificates" aria-labelledby="node-certificates-title">
      <header>
        <h2 id="node-certificates-title">Nodes</h2>
        <span className={`tone-${together.tone}`} role="status">
          {together.text}
        </span>
      </header>
      <DataTable
        label="What each node shows"
        columns={columns}
        rows={nodes}
        keyOf={({ node }) => node}
        empty={<p className="node-certificates-none">No node is there to ask.</p>}
      />
    </section>
  )
}
