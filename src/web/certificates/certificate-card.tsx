import { Fragment } from 'react'
import type { CertificateRow } from '../../protocol/certificate-answers.ts'
import { CopyButton } from '../console/copy-button.tsx'
import { useNow, When } from '../console/when.tsx'
import { endOf, fingerprintText, nameIn, sourceText, spentShare } from './certificates-facts.ts'

const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })

/** What all nodes are to show. */
export function CertificateCard({ row }: { row: CertificateRow }) {
  const now = useNow(60_000)
  const end = endOf(row)
  return (
    <section className="card certificate" aria-label="The certificate">
      <header>
        <div>
          <h2>{row.names.join(', ') || nameIn(row.subject)}</h2>
          <p>
            {sourceText(row)}, <When at={row.at} />
          </p>
        </div>
        <span className={`certificate-state tone-${end.tone}`}>{end.text}</span>
      </header>
      <Life row={row} spent={spentShare(row, now)} />
      <Faults sentences={row.faults} />
      <dl>
        <div>
          <dt>Issued by</dt>
          <dd title={row.issuer}>{nameIn(row.issuer)}</dd>
        </div>
        <div>
          <dt>SHA-256</dt>
          <dd className="fingerprint">
            <span>
              {fingerprintText(row.fingerprint)
                .split(/(?<=:)/)
                .map((pair, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: pairs may be the same, and never move
                  <Fragment key={place}>
                    {pair}
                    <wbr />
                  </Fragment>
                ))}
            </span>
            <CopyButton text={fingerprintText(row.fingerprint)} label="Copy the fingerprint" />
          </dd>
        </div>
        <div>
          <dt>Sent to clients</dt>
          <dd>
            <Chain row={row} />
          </dd>
        </div>
      </dl>
    </section>
  )
}

/** What only some clients mind, or soon. */
export function Faults({ sentences }: { sentences: readonly string[] }) {
  if (sentences.length === 0) return null
  return (
    <ul className="certificate-faults" aria-label="What clients may mind">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}

function Life({ row, spent }: { row: CertificateRow; spent: number }) {
  return (
    <div className={`life tone-${endOf(row).tone}`}>
      <time title={exact.format(row.beginsAt)}>{day.format(row.beginsAt)}</time>
      {/* biome-ignore lint/a11y/useSemanticElements: each browser draws that one in its own way */}
      <div
        className="life-bar"
        role="meter"
        aria-label="How much of its life is over"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(spent * 100)}
      >
        <div style={{ width: `${spent * 100}%` }} />
      </div>
      <time title={exact.format(row.endsAt)}>{day.format(row.endsAt)}</time>
    </div>
  )
}

/** The server's own first, each signed by the next. */
function Chain({ row: { chain } }: { row: CertificateRow }) {
  return (
    <ol className="chain">
      {chain.map(({ subject, fingerprint, endsAt }) => (
        <li key={fingerprint} title={`${subject}\nSHA-256 ${fingerprintText(fingerprint)}`}>
          {nameIn(subject)} <span>until {day.format(endsAt)}</span>
        </li>
      ))}
    </ol>
  )
}
