import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { digestText, runFacts } from './configuration-facts.ts'

/** Which node runs which configuration; who runs another one than the node that answers is shown as such. */
export function NodeDigests(props: { answer: ConfigAnswer }) {
  const { answer } = props
  const facts = runFacts(answer)
  return (
    <section className="card digests" aria-labelledby="digests-head">
      <header>
        <h2 id="digests-head" className={`tone-${facts.tone}`}>
          {facts.sentence}
        </h2>
        <a href="/console/configuration/history">History of all changes</a>
      </header>
      {facts.tone === 'worry' && (
        <p>
          A change reaches every node within two seconds. One that runs another configuration for longer has not heard
          of it: look at its connection to the database.
        </p>
      )}
      <ul aria-label="What each node runs">
        {answer.nodes.map(({ node, answers, drift, revision, digest = '' }) => (
          <li key={node} className={drift ? 'drift' : answers ? '' : 'silent'}>
            <strong>{node}</strong>
            {answers ? (
              <span>
                revision {revision} <code title={digest}>{digestText(digest)}</code>
              </span>
            ) : (
              <span>does not say</span>
            )}
            {drift && <em>another one</em>}
          </li>
        ))}
      </ul>
    </section>
  )
}
