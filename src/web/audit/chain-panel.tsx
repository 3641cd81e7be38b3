import { Button } from '@mantine/core'
import { chainText } from './audit-facts.ts'
import { useChain } from './use-chain.ts'

/** Whether the records are as they were written, checked from the first to the last. */
export function ChainPanel(props: { end: number | undefined }) {
  const { state, check } = useChain(props.end)
  const busy = state.kind === 'checking'
  return (
    <section className={`card chain ${state.kind}`} aria-label="Chain of hashes">
      <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={state.kind === 'sound' ? SOUND : state.kind === 'broken' ? BROKEN : CHAIN} />
      </svg>
      <div className="chain-words">
        <p role="status">
          {state.kind === 'broken' && <strong className="chain-broken">The chain is broken. </strong>}
          {chainText(state)}
        </p>
        {busy && <progress value={state.checked} max={Math.max(1, state.all)} aria-label="Checked" />}
        {state.kind === 'sound' && state.head.n > 0 && (
          <p className="chain-hash">
            The last hash is <code>{state.head.hash}</code>
          </p>
        )}
        {state.kind === 'broken' && (
          <p>
            Look at <a href={`/console/audit/${state.n}`}>record {state.n}</a>, keep the database as it is, and compare
            with an earlier export.
          </p>
        )}
        <p className="chain-note">
          The node that answers checked this. On a machine of your own, and against an earlier export:{' '}
          <code>holdfast audit verify --against audit.jsonl</code>
        </p>
      </div>
      <Button size="compact-sm" variant="default" loading={busy} disabled={props.end === undefined} onClick={check}>
        {state.kind === 'unchecked' ? 'Check' : 'Check again'}
      </Button>
    </section>
  )
}

const CHAIN =
  'M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2'
const SOUND = 'M12 3l7 3v5c0 4.6-2.9 8.4-7 10c-4.1-1.6-7-5.4-7-10V6zM8.8 12l2.3 2.3l4.2-4.4'
const BROKEN = 'M12 3l7 3v5c0 4.6-2.9 8.4-7 10c-4.1-1.6-7-5.4-7-10V6zM12 8.5v4.5M12 16v.1'
